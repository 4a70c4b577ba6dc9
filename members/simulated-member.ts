// A member in memory whose time only moves when told: what the tests of its controllers drive.
import { type Client, type KubeObject, type SimulatedClock, simulatedClock } from '../kube/index.ts';
import { type Member, type MemberOptions, memberCluster } from './cluster.ts';

export interface SimulatedMember {
  readonly member: Member;
  readonly client: Client;
  readonly clock: SimulatedClock;
  /** Moves time on in small steps until it holds; throws when it does not within `withinMs` of simulated time. */
  until<T>(what: string, holds: () => Promise<T | undefined | false>, withinMs?: number): Promise<T>;
  /** Moves time on. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

const STEP_MS = 100;

export async function simulatedMember(o: Partial<MemberOptions> = {}): Promise<SimulatedMember> {
  const clock = simulatedClock();
  const member = await memberCluster({ name: 'm', clock, ...o });
  const stop = new AbortController();
  const running = member.run(stop.signal);
  const pass = async (ms: number): Promise<void> => clock.advance(ms);
  const until: SimulatedMember['until'] = async (what, holds, withinMs = 60_000) => {
    for (let waited = 0; waited <= withinMs; waited += STEP_MS) {
      const found = await holds();
      if (found !== undefined && found !== false) return found as never;
      await pass(STEP_MS);
    }
    throw new Error(`waited ${withinMs / 1000} s of simulated time in vain: ${what}`);
  };
  const isReady = member.ready.then(() => true);
  await until('the member is ready', () => Promise.race([isReady, Promise.resolve(undefined)]));
  return {
    member,
    client: member.client,
    clock,
    until,
    pass,
    async close() {
      stop.abort(new Error('the test is over'));
      await running.catch(() => undefined);
    },
  };
}

/** What a pod template of one container is made of. */
export const template = (labels: Readonly<Record<string, string>>, spec: Readonly<Record<string, unknown>> = {}) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'c', image: 'nginx:1' }], ...spec },
});

/** The object that a test made, without the types of its kind. */
export const made = <T extends KubeObject>(object: Readonly<Record<string, unknown>>): T => object as unknown as T;
