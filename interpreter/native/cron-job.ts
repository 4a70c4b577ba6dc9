import type { AnyObject } from '../../kube/index.ts';
import { podDependencies } from './pod-dependencies.ts';
import type { PodTemplate } from './pod-spec.ts';
import { type NativeRules, withStatus } from './rules.ts';
import { asBuiltin, asMessage } from './typed.ts';
import { isPresent } from './workload.ts';

interface CronJobStatus {
  readonly active?: readonly unknown[];
  readonly lastScheduleTime?: string;
  readonly lastSuccessfulTime?: string;
}

interface CronJob {
  readonly metadata?: { readonly namespace?: string };
  readonly spec?: { readonly jobTemplate?: { readonly spec?: { readonly template?: PodTemplate } } };
}

const read = (object: AnyObject): CronJob => asBuiltin('batch/v1', 'CronJob', object);

const latest = (times: readonly (string | undefined)[]): string | undefined =>
  times
    .filter(time => time !== undefined)
    .sort()
    .at(-1);

/** batch/v1 CronJob */
export const cronJob: NativeRules = {
  aggregate(object, items) {
    read(object);
    const statuses = items.filter(isPresent).map(item => asMessage<CronJobStatus>('api.batch.v1.CronJobStatus', item.status));
    const active = statuses.flatMap(status => status.active ?? []);
    const scheduled = latest(statuses.map(status => status.lastScheduleTime));
    const succeeded = latest(statuses.map(status => status.lastSuccessfulTime));
    return withStatus(object, {
      ...(active.length > 0 ? { active } : {}),
      ...(scheduled ? { lastScheduleTime: scheduled } : {}),
      ...(succeeded ? { lastSuccessfulTime: succeeded } : {}),
    });
  },
  dependencies(object) {
    const { metadata, spec } = read(object);
    return podDependencies(spec?.jobTemplate?.spec?.template?.spec, metadata?.namespace);
  },
};
