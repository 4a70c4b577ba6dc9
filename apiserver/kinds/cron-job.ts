// CronJob: a schedule, and the template of the jobs that it makes.
import { equal } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { child, invalidValue, notSupported, oneOf, optionalNotNegative, printableSelector, required } from './checks.ts';
import { cronFault } from './cron.ts';
import type { KindDefinition } from './define.ts';
import { conditionDefaults, jobWarnings } from './job.ts';
import { jobSpec } from './job-spec.ts';
import { templateDefaults } from './pod/defaults.ts';
import { nameWarnings } from './pod/warnings.ts';
import { ensure, type Faults, flag, has, inside, type Obj, preset, presetText, sub, text } from './read.ts';

export const cronJob: KindDefinition = {
  scope: 'Namespaced',
  status: true,
  tracksGeneration: true,
  update: ['meta', 'changes'],
  defaults(o) {
    const spec = ensure(o, 'spec');
    presetText(spec, 'concurrencyPolicy', 'Allow');
    preset(spec, 'suspend', false);
    preset(spec, 'successfulJobsHistoryLimit', 3);
    preset(spec, 'failedJobsHistoryLimit', 1);
    const template = inside(inside(spec, 'jobTemplate'), 'spec');
    if (template) cronTemplateDefaults(template);
  },
  spec(faults, o) {
    cronSpec(faults, sub(o, 'spec'), '');
    const name = text(sub(o, 'metadata'), 'name');
    if (name.length > 52) faults.push(invalidValue('metadata.name', name, 'must be no more than 52 characters'));
  },
  changes: (faults, o, old) => cronSpec(faults, sub(o, 'spec'), text(sub(old, 'spec'), 'schedule')),
  warnings: (o, old) => {
    const template = sub(sub(o, 'spec'), 'jobTemplate');
    const out = old ? [] : nameWarnings(o);
    if (!old || !equal(o['spec'], old['spec'])) out.push(...jobWarnings('spec.jobTemplate.spec', sub(template, 'spec')));
    if (text(sub(o, 'spec'), 'schedule').includes('TZ'))
      out.push(
        'CRON_TZ or TZ used in schedule is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
      );
    return out;
  },
};

/** Only the pod template of a CronJob's jobs is defaulted; the rest waits for the job. */
function cronTemplateDefaults(spec: MutableObject): void {
  templateDefaults(inside(spec, 'template'));
  conditionDefaults(spec);
}

/** A schedule may name a time zone only where the stored one, `before`, did so already. */
function cronSpec(faults: Faults, spec: Obj, before: string): void {
  const zoned = before.includes('TZ');
  const schedule = text(spec, 'schedule');
  if (schedule === '') faults.push(required('spec.schedule'));
  else {
    const bad = cronFault(schedule);
    if (bad !== undefined) faults.push(invalidValue('spec.schedule', schedule, bad));
    if (schedule.includes('TZ') && !zoned)
      faults.push(invalidValue('spec.schedule', schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'));
    else if (schedule.includes('TZ') && has(spec, 'timeZone'))
      faults.push(invalidValue('spec.schedule', schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule'));
  }
  optionalNotNegative(faults, 'spec', spec, 'startingDeadlineSeconds');
  if (has(spec, 'timeZone')) timeZone(faults, text(spec, 'timeZone'));
  const policy = text(spec, 'concurrencyPolicy');
  if (policy === '') faults.push(required('spec.concurrencyPolicy'));
  else oneOf(faults, 'spec.concurrencyPolicy', policy, ['Allow', 'Forbid', 'Replace']);
  cronJobTemplate(faults, 'spec.jobTemplate', sub(spec, 'jobTemplate'));
  optionalNotNegative(faults, 'spec', spec, 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit');
}

function cronJobTemplate(faults: Faults, path: string, template: Obj): void {
  const spec = sub(template, 'spec');
  jobSpec(faults, child(path, 'spec'), spec);
  const at = child(path, 'spec');
  if (has(spec, 'selector') && !flag(spec, 'manualSelector'))
    faults.push(invalidValue(child(at, 'selector'), printableSelector(sub(spec, 'selector')), '`selector` will be auto-generated'));
  if (flag(spec, 'manualSelector')) faults.push(notSupported(child(at, 'manualSelector'), true, ['nil', 'false']));
}

function timeZone(faults: Faults, zone: string): void {
  const path = 'spec.timeZone';
  if (zone === '') faults.push(invalidValue(path, '', 'timeZone must be nil or non-empty string'));
  else if (!/^[A-Za-z_]+(\/[A-Za-z0-9_+-]+)*$|^[A-Za-z0-9+-]+$/.test(zone) || zone.toLowerCase() === 'local' || !known(zone))
    faults.push(invalidValue(path, zone, `unknown time zone ${zone}`));
}

function known(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
