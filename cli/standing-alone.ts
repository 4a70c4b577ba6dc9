// A component in a process of its own: a client from a kubeconfig, ports for health and metrics, leadership where several may run, and an orderly end.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import {
  type Clock,
  eventRecorder,
  type HttpClient,
  httpClient,
  LeaderElector,
  type Logger,
  leaderElectionFault,
  Metrics,
  systemClock,
} from '../kube/index.ts';
import { type Given, optionsOf } from './flags/command.ts';
import { logLevel } from './flags/log-level.ts';
import type { ClientFlags, LeaderFlags, LogFlags, ServingFlags } from './flags/standing-alone.ts';
import { connectionFrom } from './kubeconfig-client.ts';
import { processLogger } from './log.ts';
import { probeServer } from './probe-server.ts';
import { processMetrics } from './process-metrics.ts';
import { stopSignal } from './stop-signal.ts';
import { packageVersion } from './version.ts';

/** What the work of a component is given. */
export interface Standing {
  /** The API server of the kubeconfig. */
  readonly hub: HttpClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The component is ready from here on; with leader election, standing by counts as ready. */
  markReady(): void;
  /** Answers paths below /apis/ on the health port, to callers on this machine; undefined = there is nothing. */
  answer(document: (path: string) => Promise<unknown>): void;
}

export interface StandingOptions {
  /** Named in logs, as the reference names it: `karmada-scheduler`. */
  readonly component: string;
  readonly given: Given;
  /** Done by every replica, leader or not, before it stands for election. */
  readonly prepare?: (s: Standing, signal: AbortSignal) => Promise<void>;
  /** Resolves when the signal has fired and everything has ended. */
  readonly work: (s: Standing, signal: AbortSignal) => Promise<void>;
}

type Flags = ClientFlags & ServingFlags & LogFlags & Partial<LeaderFlags>;

/** Runs the component until SIGTERM; rejects when it cannot start or loses its lease. */
export async function standAlone(o: StandingOptions): Promise<void> {
  const flags = optionsOf<Flags>(o.given);
  const fault = flags.leaderElect ? leaderElectionFault(timesOf(flags)) : undefined;
  if (fault) throw new Error(`${fault}: see the flags --leader-elect-…`);
  const log = processLogger(logLevel(flags), o.component);
  for (const warning of o.given.warnings) log.warn({}, warning);
  const signal = stopSignal(log);
  const metrics = new Metrics();
  const userAgent = `${o.component}/flotilla-${packageVersion()}`;
  const { connection } = await connectionFrom({
    file: flags.kubeconfig || undefined,
    context: flags.context || undefined,
    server: flags.master || undefined,
  });
  const hub = httpClient({ connection, userAgent, qps: flags.kubeApiQps, burst: flags.kubeApiBurst });
  let ready = false;
  let document: (path: string) => Promise<unknown> = () => Promise.resolve(undefined);
  const probes = await probeServer(flags, {
    healthy: () => undefined,
    ready: () => (ready ? undefined : 'the component has not started yet'),
    metrics: processMetrics(metrics),
    document: path => document(path),
  });
  const markReady = (): void => {
    ready = true;
  };
  const answer = (given: typeof document): void => {
    document = given;
  };
  const standing: Standing = { hub, clock: systemClock, log, metrics, markReady, answer };
  log.info({ server: connection.server, ports: probes.ports }, 'started');
  try {
    await o.prepare?.(standing, signal);
    // Requests of the election do not wait behind those of the work.
    if (flags.leaderElect)
      await lead({ ...o, flags, standing, candidate: httpClient({ connection, userAgent: `${userAgent} leader-election` }) }, signal);
    else await o.work(standing, signal);
  } finally {
    probes.close();
    await hub.close();
  }
}

interface Leading extends StandingOptions {
  readonly flags: Flags;
  readonly standing: Standing;
  readonly candidate: HttpClient;
}

async function lead(o: Leading, signal: AbortSignal): Promise<void> {
  const { flags, standing, candidate } = o;
  const { clock, log, metrics } = standing;
  const name = flags.leaderElectResourceName ?? o.component;
  const elector = new LeaderElector({
    client: candidate,
    clock,
    log,
    recorder: eventRecorder({ client: candidate, clock, component: o.component }),
    lease: { namespace: flags.leaderElectResourceNamespace ?? 'karmada-system', name },
    identity: `${hostname()}_${randomUUID()}`,
    ...timesOf(flags),
  });
  metrics.read({ name: 'leader_election_master_status', help: '1 while this process leads.', labels: ['name'] }, () => [
    [[name], elector.isLeader ? 1 : 0],
  ]);
  standing.markReady();
  try {
    await elector.run(s => o.work(standing, s), signal);
  } finally {
    await candidate.close();
  }
}

const timesOf = (flags: Flags) => ({
  leaseDurationMs: flags.leaderElectLeaseDurationMs ?? 0,
  renewDeadlineMs: flags.leaderElectRenewDeadlineMs ?? 0,
  retryPeriodMs: flags.leaderElectRetryPeriodMs ?? 0,
});
