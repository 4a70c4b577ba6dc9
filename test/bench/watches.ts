// How late watchers hear of a write: 1,000 that see every write, and 1,000 in 100 namespaces that each see their own.
import { type AnyObject, httpClient, systemClock } from '../../kube/index.ts';
import { print } from './measure.ts';
import { serverProcess } from './server-process.ts';
import { watchLoad } from './watch-load.ts';
import { configMaps } from './writes.ts';

const WATCHERS = 1000;

export async function watches(): Promise<void> {
  const server = await serverProcess();
  try {
    await measure(server, { title: 'all see all', namespaces: 1, perSecond: 10, seconds: 10 });
    await measure(server, { title: 'in 100 namespaces', namespaces: 100, perSecond: 1000, seconds: 10 });
  } finally {
    await server.close();
  }
}

type Server = Awaited<ReturnType<typeof serverProcess>>;
interface Plan {
  readonly title: string;
  readonly namespaces: number;
  readonly perSecond: number;
  readonly seconds: number;
}

async function measure(server: Server, plan: Plan): Promise<void> {
  const names = Array.from({ length: plan.namespaces }, (_, i) => `w${plan.namespaces}-${i}`);
  for (const name of names) await server.fill(name, 1);
  const paths = Array.from({ length: WATCHERS }, (_, i) => `/api/v1/namespaces/${names[i % names.length]}/configmaps?watch=true`);
  const client = httpClient({
    connection: { server: `https://127.0.0.1:${server.port}`, ...server.tls },
    userAgent: 'bench',
    connections: 32,
  });
  const watchers = await watchLoad({ port: server.port, tls: server.tls, paths });
  const written = await writeSteadily(plan, i => client.create(configMaps, stamped(names[i % names.length] ?? '', `s-${i}`)));
  await new Promise<void>(resolve => systemClock.after(1000, resolve));
  const lags = await watchers.end();
  await client.close();
  const what = `${WATCHERS} watchers, ${plan.title}, ${Math.round(written)} of ${plan.perSecond} writes/s`;
  print({ name: `${what}: p50`, value: lags.p50, unit: 'ms' });
  print({ name: `${what}: p99`, value: lags.p99, unit: 'ms' });
  print({ name: '  events seen', value: lags.events, unit: '' });
}

const stamped = (namespace: string, name: string): AnyObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data: { sent: String(systemClock.now()) },
});

/** Starts writes at an even pace; returns how many a second were done. */
async function writeSteadily(plan: Plan, write: (i: number) => Promise<unknown>): Promise<number> {
  const total = plan.perSecond * plan.seconds;
  const start = performance.now();
  const under: Promise<unknown>[] = [];
  for (let i = 0; i < total; ) {
    const due = Math.min(total, Math.ceil(((performance.now() - start) / 1000) * plan.perSecond));
    for (; i < due; i++) under.push(write(i));
    await new Promise<void>(resolve => systemClock.after(5, resolve));
  }
  await Promise.all(under);
  return total / ((performance.now() - start) / 1000);
}
