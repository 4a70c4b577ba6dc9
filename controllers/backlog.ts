// What waits to be built into Works and to be applied: work that nobody is waiting for holds back while there is much of it.
import type { WorkQueue } from '../kube/index.ts';

export class Backlog {
  readonly #queues = new Set<Pick<WorkQueue, 'size'>>();

  add(queue: Pick<WorkQueue, 'size'>): void {
    this.#queues.add(queue);
  }

  get size(): number {
    let sum = 0;
    for (const queue of this.#queues) sum += queue.size;
    return sum;
  }
}
