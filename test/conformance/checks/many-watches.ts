// Many watches at once, and one reader that has stopped reading.
import { sleep, systemClock } from '../../../kube/index.ts';
import { eventually } from '../expect.ts';
import { type Frame, ok, type Watching } from '../http.ts';
import type { RawSession } from '../session.ts';

export interface ManyWatches {
  readonly p99Ms: number;
  readonly missed: number;
  readonly stuckCut: boolean;
}

const NAMESPACES = 100;
/** Enough that a reader which has stopped is far behind. */
const LARGE = 'x'.repeat(400_000);

/** Opens watches over a few namespaces, writes at a rate, and measures how late each event comes. */
export async function manyWatches(t: RawSession, o: { watches: number; writes: number; perSecond: number }): Promise<ManyWatches> {
  const spaces = Array.from({ length: NAMESPACES }, (_, i) => `${t.ns}-${i}`);
  for (const name of spaces) await t.post('/api/v1/namespaces', { metadata: { name } });
  const { resourceVersion } = (await t.get('/api/v1/configmaps?limit=1')).metadata;
  const sentAt = new Map<string, number>();
  const lateMs: number[] = [];
  const take = ({ object }: Frame): void => {
    const began = sentAt.get(object.metadata.name);
    if (began !== undefined) lateMs.push(performance.now() - began);
  };
  const open = (i: number): Promise<Watching> =>
    t.http.watch(`/api/v1/namespaces/${spaces[i % NAMESPACES]}/configmaps?watch=1&resourceVersion=${resourceVersion}`, {}, take);
  const watches: Watching[] = [];
  for (let i = 0; i < o.watches; i += 50) watches.push(...(await Promise.all(Array.from({ length: 50 }, (_, n) => open(i + n)))));
  for (let i = 0; i < o.writes; i++) {
    const name = `w-${i}`;
    sentAt.set(name, performance.now());
    void t.send('POST', `/api/v1/namespaces/${spaces[i % NAMESPACES]}/configmaps`, { body: { metadata: { name } } });
    await sleep(systemClock, 1000 / o.perSecond);
  }
  const wanted = (o.writes * o.watches) / NAMESPACES;
  await eventually('every event has arrived', () => lateMs.length >= wanted, { last: () => lateMs.length }).catch(() => undefined);
  for (const watching of watches) watching.close();
  lateMs.sort((a, b) => a - b);
  return {
    p99Ms: Math.round(lateMs[Math.floor(lateMs.length * 0.99)] ?? Infinity),
    missed: wanted - lateMs.length,
    stuckCut: await cutsStuck(t),
  };
}

/** Whether the server ends a watch whose reader does not read, while another goes on. */
async function cutsStuck(t: RawSession): Promise<boolean> {
  const path = `${t.core('configmaps')}?watch=1`;
  const stuck = await t.http.open('GET', path);
  const ended = new Promise<boolean>(resolve => {
    stuck.on('error', () => resolve(true));
    stuck.on('close', () => resolve(true));
  });
  const other = await t.watch(path);
  for (let i = 0; i < 80; i++)
    ok(await t.send('POST', t.core('configmaps'), { body: { metadata: { name: `big-${i}` }, data: { x: LARGE } } }), 201);
  await other.until('the other goes on', f => f.object.metadata.name === 'big-79');
  other.close();
  stuck.resume();
  return Promise.race([ended, sleep(systemClock, 10_000).then(() => false)]);
}
