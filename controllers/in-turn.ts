// Writes of one object by this process go one after the other: two controllers that change the same object at the same moment would make each other's write a
// conflict, and a conflict costs a wait and a read.
import type { Client } from '../kube/index.ts';

const tails = new WeakMap<Client, Map<string, Promise<unknown>>>();

/** Begins the task when those given earlier for the same object have ended, however they ended. */
export async function inTurn<T>(client: Client, id: string, task: () => Promise<T>): Promise<T> {
  const known = tails.get(client) ?? new Map<string, Promise<unknown>>();
  tails.set(client, known);
  const before = known.get(id);
  const running = before ? before.then(task) : task();
  const tail = running.catch(() => undefined);
  known.set(id, tail);
  try {
    return await running;
  } finally {
    if (known.get(id) === tail) known.delete(id);
  }
}
