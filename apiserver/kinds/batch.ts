// Job and CronJob.
import { equal } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import {
  child,
  duplicate,
  IMMUTABLE,
  index,
  invalidValue,
  labelSelector,
  mapKey,
  notNegative,
  notSupported,
  oneOf,
  optionalNotNegative,
  printableMap,
  printableSelector,
  required,
  selectorMatches,
  texts,
  tooLong,
} from './checks.ts';
import { cronFault } from './cron.ts';
import type { KindDefinition } from './define.ts';
import { given } from './emptied.ts';
import { printGo, printTemplate } from './go-print.ts';
import { qualifiedName } from './names.ts';
import { templateDefaults } from './pod/defaults.ts';
import { podTemplate } from './pod/template.ts';
import { podWarnings } from './pod/warnings.ts';
import {
  ensure,
  type Faults,
  flag,
  has,
  inside,
  items,
  mutable,
  number,
  type Obj,
  optional,
  preset,
  presetText,
  sub,
  text,
} from './read.ts';

const JOB_NAME = 'batch.kubernetes.io/job-name';
const CONTROLLER_UID = 'batch.kubernetes.io/controller-uid';
const OLD_JOB_NAME = 'job-name';
const OLD_CONTROLLER_UID = 'controller-uid';
const TRACKING = 'batch.kubernetes.io/job-tracking';

function jobSpecDefaults(spec: MutableObject): void {
  const template = inside(spec, 'template');
  templateDefaults(template);
  if (!has(spec, 'completions') && !has(spec, 'parallelism')) {
    spec['completions'] = 1;
    spec['parallelism'] = 1;
  }
  preset(spec, 'parallelism', 1);
  preset(spec, 'backoffLimit', has(spec, 'backoffLimitPerIndex') ? 2147483647 : 6);
  preset(spec, 'completionMode', 'NonIndexed');
  preset(spec, 'suspend', false);
  preset(spec, 'manualSelector', false);
  preset(spec, 'podReplacementPolicy', has(spec, 'podFailurePolicy') ? 'Failed' : 'TerminatingOrFailed');
  conditionDefaults(spec);
}

function conditionDefaults(spec: MutableObject): void {
  const policy = inside(spec, 'podFailurePolicy');
  for (const rule of policy ? mutable(policy, 'rules') : [])
    for (const condition of mutable(rule, 'onPodConditions')) presetText(condition, 'status', 'True');
}

/** The selector and the labels that tie pods to one job. */
function generateSelector(o: MutableObject): void {
  const spec = ensure(o, 'spec');
  if (flag(spec, 'manualSelector')) return;
  const meta = sub(o, 'metadata');
  const labels = ensure(ensure(ensure(spec, 'template'), 'metadata'), 'labels');
  const uid = text(meta, 'uid');
  const own: Record<string, string> = {
    [JOB_NAME]: text(meta, 'name'),
    [OLD_JOB_NAME]: text(meta, 'name'),
    [CONTROLLER_UID]: uid,
    [OLD_CONTROLLER_UID]: uid,
  };
  const shared = !has(meta, 'labels') || meta['labels'] === labels;
  for (const [key, value] of Object.entries(own)) if (!Object.hasOwn(labels, key)) labels[key] = value;
  if (shared) ensure(o, 'metadata')['labels'] = { ...labels };
  const selector = ensure(spec, 'selector');
  const match = ensure(selector, 'matchLabels');
  if (!Object.hasOwn(match, CONTROLLER_UID)) match[CONTROLLER_UID] = uid;
}

export const job: KindDefinition = {
  scope: 'Namespaced',
  status: true,
  tracksGeneration: true,
  propagation: 'Orphan',
  update: ['full', 'meta', 'changes'],
  defaults(o) {
    const spec = ensure(o, 'spec');
    jobSpecDefaults(spec);
    const meta = ensure(o, 'metadata');
    const labels = sub(sub(sub(spec, 'template'), 'metadata'), 'labels');
    if (!has(meta, 'labels') && Object.keys(labels).length > 0) meta['labels'] = labels;
  },
  prepareCreate(o) {
    generateSelector(o);
    const annotations = inside(inside(o, 'metadata'), 'annotations');
    if (annotations) delete annotations[TRACKING];
  },
  spec(faults, o) {
    generatedSelector(faults, o);
    ownJobSpec(faults, sub(o, 'spec'));
  },
  changes: jobChanges,
  warnings: (o, old) => (old && equal(o['spec'], old['spec']) ? [] : jobWarnings('spec', sub(o, 'spec'))),
};

function jobWarnings(path: string, spec: Obj): string[] {
  const out = podWarnings(child(path, 'template'), sub(spec, 'template'));
  const parallelism = number(spec, 'parallelism');
  if (text(spec, 'completionMode') === 'Indexed' && number(spec, 'completions') > 100000 && parallelism > 10000)
    out.unshift(
      `${path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail`,
    );
  return out;
}

/** The specification of a job, with the selector that a CronJob's template lacks. */
function ownJobSpec(faults: Faults, spec: Obj): void {
  jobSpec(faults, 'spec', spec);
  const selector = optional(spec, 'selector');
  if (selector) labelSelector(faults, 'spec.selector', selector);
  else faults.push(required('spec.selector'));
  const labels = given(sub(sub(spec, 'template'), 'metadata'), 'labels');
  if (!selector || !selectorMatches(selector, sub(sub(sub(spec, 'template'), 'metadata'), 'labels')))
    faults.push(invalidValue('spec.template.metadata.labels', printableMap(labels), '`selector` does not match template `labels`'));
}

function generatedSelector(faults: Faults, o: Obj): void {
  const spec = sub(o, 'spec');
  if (flag(spec, 'manualSelector')) return;
  const selector = optional(spec, 'selector');
  const meta = sub(o, 'metadata');
  const uid = text(meta, 'uid');
  if (!selector || uid === '') return;
  const labels = sub(sub(sub(spec, 'template'), 'metadata'), 'labels');
  const shown = printableMap(given(sub(sub(spec, 'template'), 'metadata'), 'labels'));
  const must = (key: string, value: string): void => {
    const path = mapKey('spec.template.metadata.labels', key);
    if (!Object.hasOwn(labels, key)) faults.push(required(path, `must be '${value}'`));
    else if (labels[key] !== value) faults.push(invalidValue(path, shown, `must be '${value}'`));
  };
  must(OLD_CONTROLLER_UID, uid);
  must(OLD_JOB_NAME, text(meta, 'name'));
  must(CONTROLLER_UID, uid);
  must(JOB_NAME, text(meta, 'name'));
  const expected = { [OLD_CONTROLLER_UID]: uid, [OLD_JOB_NAME]: text(meta, 'name'), [CONTROLLER_UID]: uid, [JOB_NAME]: text(meta, 'name') };
  if (!selectorMatches(selector, expected))
    faults.push(invalidValue('spec.selector', printableSelector(selector), '`selector` not auto-generated'));
}

const JOB_MODES = ['NonIndexed', 'Indexed'];

function jobSpec(faults: Faults, path: string, spec: Obj): void {
  optionalNotNegative(
    faults,
    path,
    spec,
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
  );
  indexedOnly(faults, path, spec);
  maxFailedIndexes(faults, path, spec);
  if (has(spec, 'managedBy')) texts(faults, child(path, 'managedBy'), text(spec, 'managedBy'), domainPath(text(spec, 'managedBy')));
  const mode = text(spec, 'completionMode');
  if (has(spec, 'completionMode')) {
    if (!JOB_MODES.includes(mode)) faults.push(notSupported(child(path, 'completionMode'), mode, JOB_MODES));
    if (mode === 'Indexed') {
      if (!has(spec, 'completions')) faults.push(required(child(path, 'completions'), 'when completion mode is Indexed'));
      else if (number(spec, 'parallelism') > 100000)
        faults.push(
          invalidValue(
            child(path, 'parallelism'),
            number(spec, 'parallelism'),
            'must be less than or equal to 100000 when completion mode is Indexed',
          ),
        );
    }
  }
  const failure = optional(spec, 'podFailurePolicy');
  if (failure) failurePolicy(faults, path, spec, failure);
  const success = optional(spec, 'successPolicy');
  if (success) successPolicy(faults, child(path, 'successPolicy'), spec, success);
  replacement(faults, path, spec);
  jobTemplate(faults, child(path, 'template'), sub(spec, 'template'), spec);
}

function domainPath(value: string): string[] {
  return value.length > 63
    ? ['must be no more than 63 characters']
    : /^[a-z0-9.-]+\/.+$/.test(value)
      ? []
      : ['must be a domain-prefixed path (such as "acme.io/foo")'];
}

function indexedOnly(faults: Faults, path: string, spec: Obj): void {
  if (has(spec, 'backoffLimitPerIndex') && text(spec, 'completionMode') === 'NonIndexed')
    faults.push(
      invalidValue(child(path, 'backoffLimitPerIndex'), number(spec, 'backoffLimitPerIndex'), 'requires indexed completion mode'),
    );
}

function maxFailedIndexes(faults: Faults, path: string, spec: Obj): void {
  if (!has(spec, 'maxFailedIndexes')) return;
  const n = number(spec, 'maxFailedIndexes');
  const at = child(path, 'maxFailedIndexes');
  notNegative(faults, at, n);
  if (has(spec, 'completions') && n > number(spec, 'completions'))
    faults.push(invalidValue(at, n, 'must be less than or equal to completions'));
  if (n > 100000) faults.push(invalidValue(at, n, 'must be less than or equal to 100000'));
  if (!has(spec, 'backoffLimitPerIndex')) faults.push(required(child(path, 'backoffLimitPerIndex'), 'when maxFailedIndexes is specified'));
}

function replacement(faults: Faults, path: string, spec: Obj): void {
  if (!has(spec, 'podReplacementPolicy')) return;
  const policy = text(spec, 'podReplacementPolicy');
  const known = has(spec, 'podFailurePolicy') ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  oneOf(faults, child(path, 'podReplacementPolicy'), policy, known);
}

function jobTemplate(faults: Faults, path: string, template: Obj, spec: Obj): void {
  podTemplate(faults, path, template);
  const policy = text(sub(template, 'spec'), 'restartPolicy');
  const at = child(path, 'spec.restartPolicy');
  if (policy === '' || policy === 'Always') faults.push(required(at, 'valid values: "OnFailure", "Never"'));
  else if (policy !== 'OnFailure' && policy !== 'Never') faults.push(notSupported(at, policy, ['OnFailure', 'Never']));
  else if (has(spec, 'podFailurePolicy') && policy !== 'Never')
    faults.push(invalidValue(at, policy, 'only "Never" is supported when podFailurePolicy is specified'));
}

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];

function failurePolicy(faults: Faults, path: string, spec: Obj, policy: Obj): void {
  const names = new Set(
    ['containers', 'initContainers'].flatMap(key => items(sub(sub(spec, 'template'), 'spec'), key).map(c => text(c, 'name'))),
  );
  const rules = child(child(path, 'podFailurePolicy'), 'rules');
  const list = items(policy, 'rules');
  if (list.length > 20) faults.push(tooLong(rules, 20));
  list.forEach((rule, i) => {
    failureRule(faults, index(rules, i), { rule, spec, names });
  });
}

interface FailureRule {
  readonly rule: Obj;
  readonly spec: Obj;
  readonly names: ReadonlySet<string>;
}

function failureRule(faults: Faults, at: string, { rule, spec, names }: FailureRule): void {
  const action = text(rule, 'action');
  const codes = optional(rule, 'onExitCodes');
  if (action === '') faults.push(required(child(at, 'action'), `valid values: ${ACTIONS.map(a => JSON.stringify(a)).join(', ')}`));
  else if (action === 'FailIndex' && !has(spec, 'backoffLimitPerIndex'))
    faults.push(invalidValue(child(at, 'action'), action, 'requires the backoffLimitPerIndex to be set'));
  else if (!ACTIONS.includes(action)) faults.push(notSupported(child(at, 'action'), action, ACTIONS));
  if (codes) exitCodes(faults, child(at, 'onExitCodes'), codes, names);
  const conditions = items(rule, 'onPodConditions');
  conditions.forEach((c, i) => {
    podCondition(faults, index(child(at, 'onPodConditions'), i), c);
  });
  if (codes && conditions.length > 0) faults.push(bare(at, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  if (!codes && conditions.length === 0) faults.push(bare(at, 'specifying one of OnExitCodes and OnPodConditions is required'));
}

/** An Invalid fault that shows no value of its own. */
function bare(path: string, why: string): Faults[number] {
  const body = `Invalid value: ${why}`;
  return { reason: 'FieldValueInvalid', field: path, body, text: `${path}: ${body}` };
}

function exitCodes(faults: Faults, at: string, codes: Obj, names: ReadonlySet<string>): void {
  const operator = text(codes, 'operator');
  if (operator === '') faults.push(required(child(at, 'operator'), 'valid values: "In", "NotIn"'));
  else oneOf(faults, child(at, 'operator'), operator, ['In', 'NotIn']);
  if (has(codes, 'containerName') && !names.has(text(codes, 'containerName')))
    faults.push(
      invalidValue(
        child(at, 'containerName'),
        text(codes, 'containerName'),
        'must be one of the container or initContainer names in the pod template',
      ),
    );
  const values = (Array.isArray(codes['values']) ? codes['values'] : []) as number[];
  const path = child(at, 'values');
  if (values.length === 0) faults.push(invalidValue(path, has(codes, 'values') ? values : null, 'at least one value is required'));
  if (values.length > 255) faults.push(tooLong(path, 255));
  let ordered = true;
  values.forEach((v, i) => {
    if (operator === 'In' && v === 0) faults.push(invalidValue(index(path, i), v, 'must not be 0 for the In operator'));
    if (i > 0 && (values[i - 1] ?? 0) > v) ordered = false;
    if (i > 0 && values[i - 1] === v) faults.push(duplicate(index(path, i), v));
  });
  if (!ordered) faults.push(invalidValue(path, values, 'must be ordered'));
}

function podCondition(faults: Faults, at: string, c: Obj): void {
  texts(faults, child(at, 'type'), text(c, 'type'), qualifiedName(text(c, 'type')));
  const status = text(c, 'status');
  if (status === '') faults.push(required(child(at, 'status'), 'valid values: "False", "True", "Unknown"'));
  else oneOf(faults, child(at, 'status'), status, ['False', 'True', 'Unknown']);
}

function successPolicy(faults: Faults, at: string, spec: Obj, policy: Obj): void {
  if (text(spec, 'completionMode') !== 'Indexed') {
    faults.push(invalidValue(at, printGo('SuccessPolicy', policy), 'requires indexed completion mode'));
    return;
  }
  const rules = items(policy, 'rules');
  if (rules.length === 0)
    faults.push(required(child(at, 'rules'), 'at least one rules must be specified when the successPolicy is specified'));
  rules.forEach((r, i) => {
    const path = index(child(at, 'rules'), i);
    if (!has(r, 'succeededIndexes') && !has(r, 'succeededCount'))
      faults.push(required(path, 'at least one of succeededCount or succeededIndexes must be specified'));
    if (has(r, 'succeededCount')) {
      notNegative(faults, child(path, 'succeededCount'), number(r, 'succeededCount'));
      if (number(r, 'succeededCount') > number(spec, 'completions'))
        faults.push(
          invalidValue(
            child(path, 'succeededCount'),
            number(r, 'succeededCount'),
            `must be less than or equal to ${number(spec, 'completions')} (the number of specified completions)`,
          ),
        );
    }
  });
}

function jobChanges(faults: Faults, o: Obj, old: Obj): void {
  ownJobSpec(faults, sub(o, 'spec'));
  const [spec, was] = [sub(o, 'spec'), sub(old, 'spec')];
  completions(faults, spec, was);
  fixed(faults, 'spec.selector', printableSelector(optional(spec, 'selector')), printableSelector(optional(was, 'selector')));
  templateFixed(faults, spec, was);
  for (const key of ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'])
    if (!equal(spec[key], was[key])) faults.push(invalidValue(child('spec', key), spec[key] ?? null, IMMUTABLE));
}

function fixed(faults: Faults, path: string, now: unknown, before: unknown): void {
  if (!equal(now, before)) faults.push(invalidValue(path, now ?? null, IMMUTABLE));
}

function completions(faults: Faults, spec: Obj, was: Obj): void {
  const [now, before] = [spec['completions'] ?? null, was['completions'] ?? null];
  if (now === before) return;
  const indexed = text(spec, 'completionMode') === 'Indexed';
  if (!indexed || now === null || before === null) faults.push(invalidValue('spec.completions', now, IMMUTABLE));
  else if (now !== (spec['parallelism'] ?? null))
    faults.push(invalidValue('spec.completions', now, 'can only be modified in tandem with spec.parallelism'));
}

const SUSPENDED_MUTABLE = ['nodeSelector', 'tolerations', 'affinity', 'schedulingGates'];

/** The template stays; a suspended job may still change where its pods may run, and their labels and annotations. */
function templateFixed(faults: Faults, spec: Obj, was: Obj): void {
  const [template, before] = [sub(spec, 'template'), sub(was, 'template')];
  if (!flag(was, 'suspend')) {
    if (!equal(template, before)) faults.push(invalidValue('spec.template', printTemplate(template), IMMUTABLE));
    return;
  }
  const strip = (t: Obj): unknown => Object.fromEntries(Object.entries(sub(t, 'spec')).filter(([key]) => !SUSPENDED_MUTABLE.includes(key)));
  if (!equal(strip(template), strip(before)))
    faults.push(invalidValue('spec.template.spec', printGo('PodSpec', sub(template, 'spec')), IMMUTABLE));
}

export const cronJob: KindDefinition = {
  scope: 'Namespaced',
  status: true,
  tracksGeneration: true,
  update: ['meta', 'spec'],
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
    cronSpec(faults, sub(o, 'spec'));
    const name = text(sub(o, 'metadata'), 'name');
    if (name.length > 52) faults.push(invalidValue('metadata.name', name, 'must be no more than 52 characters'));
  },
  warnings: (o, old) => {
    const template = sub(sub(o, 'spec'), 'jobTemplate');
    const out = old && equal(o['spec'], old['spec']) ? [] : jobWarnings('spec.jobTemplate.spec', sub(template, 'spec'));
    if (text(sub(o, 'spec'), 'schedule').includes('TZ'))
      out.push(
        'CRON_TZ or TZ used in spec.schedule is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details'.replace(
          'spec.schedule',
          'schedule',
        ),
      );
    return out;
  },
};

/** Only the pod template of a CronJob's jobs is defaulted; the rest waits for the job. */
function cronTemplateDefaults(spec: MutableObject): void {
  templateDefaults(inside(spec, 'template'));
  conditionDefaults(spec);
}

function cronSpec(faults: Faults, spec: Obj): void {
  const schedule = text(spec, 'schedule');
  if (schedule === '') faults.push(required('spec.schedule'));
  else {
    const bad = cronFault(schedule);
    if (bad !== undefined) faults.push(invalidValue('spec.schedule', schedule, bad));
    if (schedule.includes('TZ') && has(spec, 'timeZone'))
      faults.push(invalidValue('spec.schedule', schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule'));
    else if (schedule.includes('TZ'))
      faults.push(invalidValue('spec.schedule', schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'));
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
