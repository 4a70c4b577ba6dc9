// Job: the selector that ties pods to it, and what may change once it is stored.
import { equal } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import {
  child,
  IMMUTABLE,
  invalidValue,
  labelSelector,
  mapKey,
  printableMap,
  printableSelector,
  required,
  selectorMatches,
} from './checks.ts';
import type { KindDefinition } from './define.ts';
import { given } from './emptied.ts';
import { printGo, printTemplate } from './go-print.ts';
import { jobSpec } from './job-spec.ts';
import { templateDefaults } from './pod/defaults.ts';
import { nameWarnings, podWarnings } from './pod/warnings.ts';
import { ensure, type Faults, flag, has, inside, mutable, number, type Obj, optional, preset, presetText, sub, text } from './read.ts';

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

export function conditionDefaults(spec: MutableObject): void {
  const policy = inside(spec, 'podFailurePolicy');
  for (const rule of policy ? mutable(policy, 'rules') : [])
    for (const condition of mutable(rule, 'onPodConditions')) presetText(condition, 'status', 'True');
}

/** The selector and the labels that tie pods to one job. */
function generateSelector(o: MutableObject): void {
  const spec = ensure(o, 'spec');
  if (flag(spec, 'manualSelector')) return;
  const meta = sub(o, 'metadata');
  const template = ensure(ensure(spec, 'template'), 'metadata');
  const emptied = !has(meta, 'labels') && given(template, 'labels') !== null;
  const labels = ensure(template, 'labels');
  const uid = text(meta, 'uid');
  const own: Record<string, string> = {
    [JOB_NAME]: text(meta, 'name'),
    [OLD_JOB_NAME]: text(meta, 'name'),
    [CONTROLLER_UID]: uid,
    [OLD_CONTROLLER_UID]: uid,
  };
  // Where the template brought labels, if only an empty map, they are the job's own too.
  const shared = emptied || meta['labels'] === labels;
  for (const [key, value] of Object.entries(own)) if (!Object.hasOwn(labels, key)) labels[key] = value;
  if (shared) ensure(o, 'metadata')['labels'] = { ...labels };
  const selector = ensure(spec, 'selector');
  const match = ensure(selector, 'matchLabels');
  if (!Object.hasOwn(match, CONTROLLER_UID)) match[CONTROLLER_UID] = uid;
}

/** A job without labels has those of its pods. */
function shareLabels(o: MutableObject): void {
  const meta = ensure(o, 'metadata');
  const labels = inside(inside(inside(inside(o, 'spec'), 'template'), 'metadata'), 'labels');
  if (!has(meta, 'labels') && labels && Object.keys(labels).length > 0) meta['labels'] = labels;
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
    shareLabels(o);
  },
  settle: shareLabels,
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
  warnings: (o, old) => [
    ...(old ? [] : nameWarnings(o)),
    ...(old && equal(o['spec'], old['spec']) ? [] : jobWarnings('spec', sub(o, 'spec'))),
  ],
};

export function jobWarnings(path: string, spec: Obj): string[] {
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
