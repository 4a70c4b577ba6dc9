// A control plane in one process: API server, controllers and scheduler, wired together.
import { discoverCatalog } from '../apiserver/index.ts';
import type { ControllerManagerOptions } from '../controllers/index.ts';

import { Metrics, type Runnable, sleep } from '../kube/index.ts';
import type { Scheduler, SchedulerFlags } from '../scheduler/index.ts';

import { type ApiServerHost, type ApiServerHostOptions, startApiServer } from './api-server.ts';
import { controllersComponent, schedulerComponent } from './components.ts';
import type { MemberLimits } from './connect.ts';
import { explanations } from './explanations.ts';

export interface PlaneOptions extends ApiServerHostOptions {
  /** Flags of the components, beside their defaults. */
  readonly controllers?: Partial<ControllerManagerOptions>;
  readonly scheduler?: Partial<SchedulerFlags>;
  readonly members?: MemberLimits;
}

export interface Plane extends Pick<ApiServerHost, 'server' | 'listening'> {
  /** Runs everything until the signal fires, then closes in order. */
  run(signal: AbortSignal): Promise<void>;
}

/** Brings a plane up: it listens at once, and is ready when its bootstrap objects are there. */
export async function startPlane(o: PlaneOptions): Promise<Plane> {
  const metrics = o.metrics ?? new Metrics();
  let decider: Scheduler | undefined;
  const host = await startApiServer({ ...o, metrics, extensions: explanations(() => decider) });
  decider = schedulerComponent({
    clock: o.clock,
    log: o.log,
    gates: o.gates,
    metrics,
    hub: host.hubFor('karmada-scheduler'),
    near: { version: o.version, ...(o.members ? { limits: o.members } : {}) },
    ...(o.scheduler ? { flags: o.scheduler } : {}),
  });
  const running = components({ ...o, metrics }, host, decider);
  return { server: host.server, listening: host.listening, run: signal => host.run(running, signal) };
}

/** Controllers and scheduler; they begin when the bootstrap objects are there. */
function components(o: PlaneOptions & { readonly metrics: Metrics }, host: ApiServerHost, decider: Scheduler): Runnable[] {
  const { clock, log, gates, metrics } = o;
  const shared = { clock, log, gates, metrics };
  const afterBootstrap = (r: Runnable): Runnable => ({
    name: r.name,
    async run(signal) {
      while (!host.ready() && !signal.aborted) await sleep(clock, 20, signal).catch(() => undefined);
      if (!signal.aborted) await r.run(signal);
    },
  });
  const manager = controllersComponent({
    ...shared,
    hub: host.hubFor('karmada-controller-manager'),
    discover: () => Promise.resolve(discoverCatalog(host.server.core.catalog)),
    version: o.version,
    ...(o.controllers ? { options: o.controllers } : {}),
    ...(o.members ? { limits: o.members } : {}),
  });
  return [afterBootstrap(manager), afterBootstrap(decider)];
}
