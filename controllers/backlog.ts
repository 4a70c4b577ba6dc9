// What is on its way between bindings and members, and back: work that nobody is waiting for holds back while there is much of it.
import type { WorkQueue } from '../kube/index.ts';

export class Backlog {
  readonly #queues = new Set<Pick<WorkQueue, 'busy'>>();

  add(queue: Pick<WorkQueue, 'busy'>): void {
    this.#queues.add(queue);
  }

  get size(): number {
    let sum = 0;
    for (const queue of this.#queues) sum += queue.busy;
    return sum;
  }
}
