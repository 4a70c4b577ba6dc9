// Deletes Jobs spec.ttlSecondsAfterFinished after they finished, with their pods first.
import {
  type AnyObject,
  at,
  controller,
  isObject,
  isStatusError,
  listOf,
  parseKey,
  type Resource,
  type Runnable,
  resource,
  stringOf,
} from '../../kube/index.ts';
import { changesOf, needed } from './collection-source.ts';
import { type LoopOptions, loopClient } from './loop-context.ts';

const JOBS: Resource<AnyObject> = resource({ group: 'batch', version: 'v1', kind: 'Job', plural: 'jobs', scope: 'Namespaced' });

export function ttlAfterFinishedLoop({ core, log }: LoopOptions): Runnable {
  const jobs = needed(core, 'batch', 'jobs');
  const client = loopClient(core, 'ttl-after-finished-controller');
  return controller({
    name: 'ttl-after-finished',
    sources: [changesOf(jobs, { keys: job => (dueMs(job) === undefined ? [] : [`${job.metadata.namespace}/${job.metadata.name}`]) })],
    clock: core.plane.clock,
    ...(log ? { log } : {}),
    async reconcile(key) {
      const { namespace = '', name } = parseKey(key);
      const job = jobs.collection.get(namespace, name)?.object;
      const due = job && dueMs(job);
      if (!job || due === undefined) return;
      const left = due - core.plane.clock.now();
      if (left > 0) return { requeueAfterMs: left };
      const { uid = '', resourceVersion = '' } = job.metadata;
      try {
        await client.delete(JOBS, { namespace, name }, { propagationPolicy: 'Foreground', preconditions: { uid, resourceVersion } });
      } catch (error) {
        if (!isStatusError(error, 'NotFound')) throw error;
      }
      return undefined;
    },
  });
}

/** When the Job is to go, in ms since 1970; undefined where it has not finished, has no such time, or is going already. */
function dueMs(job: AnyObject): number | undefined {
  const seconds = at(job, 'spec', 'ttlSecondsAfterFinished');
  if (typeof seconds !== 'number' || job.metadata.deletionTimestamp) return undefined;
  const done = listOf(at(job, 'status', 'conditions'))
    .filter(isObject)
    .find(c => (c['type'] === 'Complete' || c['type'] === 'Failed') && c['status'] === 'True');
  const finished = Date.parse(stringOf(done?.['lastTransitionTime']));
  return Number.isNaN(finished) ? undefined : finished + seconds * 1000;
}
