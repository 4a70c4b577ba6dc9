// A plane with three embedded members in this process, on free ports and in a temporary home; set up like the plane that was recorded.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { homeAt } from '../../cli/home.ts';
import { join } from '../../cli/join.ts';
import { writeContext } from '../../cli/kubeconfig.ts';
import { processLogger } from '../../cli/log.ts';
import { startPlane } from '../../cli/plane.ts';
import { clusters, featureGates } from '../../crds/index.ts';
import { at, errorText, listOf, sleep, systemClock } from '../../kube/index.ts';
import { type Member, memberCluster } from '../../members/index.ts';

export interface WholePlane {
  readonly kubeconfig: string;
  readonly membersConfig: string;
  /** Ends everything and removes the home. */
  close(): Promise<void>;
}

const NAMES = ['member1', 'member2', 'member3'];
const READY_MS = 90_000;

/** Resolves once all members are joined and ready. */
export async function wholePlane(o: { readonly logLevel: string }): Promise<WholePlane> {
  const clock = systemClock;
  const log = processLogger(o.logLevel, 'plane');
  const home = homeAt(mkdtempSync(joinPath(tmpdir(), 'flotilla-plane-')));
  const stop = new AbortController();
  const gates = Object.fromEntries(Object.keys(featureGates).map(name => [name, true]));
  const plane = await startPlane({
    home,
    host: '127.0.0.1',
    port: 0,
    clock,
    log,
    gates,
    version: '0.0.0',
    controllers: { controllers: ['*', 'hpaScaleTargetMarker', 'deploymentReplicasSyncer'], enableNoExecuteTaintEviction: true },
    webhooks: { allowNoExecuteTaintPolicy: true },
  });
  const members = await Promise.all(NAMES.map(name => memberCluster({ name, clock, log })));
  const running = [plane, ...members].map(part =>
    part.run(stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted) log.warn({ err: errorText(error) }, 'a part of the plane failed');
    }),
  );
  const close = async (): Promise<void> => {
    stop.abort(new Error('the plane is taken down'));
    await Promise.race([Promise.all(running), sleep(clock, 10_000)]);
    rmSync(home.dir, { recursive: true, force: true });
  };
  try {
    const hub = plane.server.client({ username: 'system:admin', groups: ['system:masters', 'system:authenticated'] }, 'plane-test');
    await until(async () => (await hub.list(clusters)).items.length === 0, 'the control plane answers');
    for (const member of members) await add(member, { home, hub, signal: stop.signal });
    await until(async () => {
      const { items } = await hub.list(clusters);
      return items.length === NAMES.length && items.every(c => isReady(c));
    }, 'all members are ready');
  } catch (error) {
    await close();
    throw error;
  }
  return { kubeconfig: home.kubeconfig, membersConfig: home.membersConfig, close };
}

const isReady = (cluster: unknown): boolean =>
  listOf(at(cluster, 'status', 'conditions')).some(c => at(c, 'type') === 'Ready' && at(c, 'status') === 'True');

type Target = Pick<Parameters<typeof join>[0], 'hub' | 'signal'> & { readonly home: ReturnType<typeof homeAt> };

async function add(member: Member, { home, hub, signal }: Target): Promise<void> {
  const access = await member.listen({ host: '127.0.0.1', port: 0 });
  await member.ready;
  writeContext(home.membersConfig, { name: member.name, server: access.server, ca: access.ca, cert: access.cert, key: access.key });
  await join({ name: member.name, hub, member: member.client, endpoint: access.server, clock: systemClock, signal });
}

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = systemClock.monotonic() + READY_MS;
  while (!(await holds().catch(() => false))) {
    if (systemClock.monotonic() > deadline) throw new Error(`waited ${READY_MS / 1000} s in vain: ${what}`);
    await sleep(systemClock, 200);
  }
}
