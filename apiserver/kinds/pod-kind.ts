// Pod: the specification may hardly change once stored.
import { equal } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { child, forbiddenField, index, invalidValue, required, texts } from './checks.ts';
import type { KindDefinition } from './define.ts';
import { changed } from './emptied.ts';
import { printGo } from './go-print.ts';
import { metadata } from './metadata.ts';
import { within } from './names.ts';
import { paddedImage } from './pod/container.ts';
import { podDefaults } from './pod/defaults.ts';
import { keepOtherParts } from './pod/parts.ts';
import { tolerations } from './pod/scheduling.ts';
import { podSpec } from './pod/spec.ts';
import { pairPodAddresses, podStatusChanges } from './pod/status.ts';
import { nameWarnings, podWarnings } from './pod/warnings.ts';
import { ensure, type Faults, has, inside, items, mutable, number, type Obj, sub, text } from './read.ts';
import { jsonDiff } from './unified-diff.ts';

const MAX_INT32 = 2147483647;

export const pod: KindDefinition = {
  scope: 'Namespaced',
  status: true,
  tracksGeneration: true,
  deleteReply: 'object',
  subresources: ['attach', 'binding', 'ephemeralcontainers', 'eviction', 'exec', 'log', 'portforward', 'proxy', 'resize', 'status'],
  update: ['meta', 'changes'],
  defaults(o) {
    podDefaults(o);
    pairPodAddresses(o);
  },
  prepareCreate(o) {
    const status: MutableObject = { phase: 'Pending', qosClass: qosClass(sub(o, 'spec')) };
    if (items(sub(o, 'spec'), 'schedulingGates').length > 0)
      status['conditions'] = [
        {
          type: 'PodScheduled',
          status: 'False',
          lastProbeTime: null,
          lastTransitionTime: null,
          reason: 'SchedulingGated',
          message: 'Scheduling is blocked due to non-empty scheduling gates',
        },
      ];
    o['status'] = status;
    matchLabelKeys(o);
  },
  prepareUpdate(o, old, subresource) {
    if (subresource === 'ephemeralcontainers' || subresource === 'resize') keepOtherParts(o, old, subresource);
    // Who writes a status without the class means the one it has.
    const status = inside(o, 'status');
    const known = text(sub(old, 'status'), 'qosClass');
    if (subresource === 'status' && status && known !== '' && text(status, 'qosClass') === '') status['qosClass'] = known;
  },
  spec(faults, o) {
    podSpec(faults, 'spec', sub(o, 'spec'));
    onlyOfPods(faults, sub(o, 'spec'));
  },
  changes: podChanges,
  warnings: (o, old) => (old ? [] : [...nameWarnings(o, "the Pod's hostname"), ...podWarnings('', o)]),
};

/** matchLabelKeys become expressions over the pod's own labels. */
function matchLabelKeys(o: MutableObject): void {
  const labels = sub(sub(o, 'metadata'), 'labels');
  const spec = inside(o, 'spec') ?? {};
  for (const c of mutable(spec, 'topologySpreadConstraints')) addExpressions(c, labels, 'matchLabelKeys', 'In');
  const affinity = inside(spec, 'affinity');
  for (const key of ['podAffinity', 'podAntiAffinity']) {
    const a = inside(affinity, key) ?? {};
    const terms = [
      ...mutable(a, 'requiredDuringSchedulingIgnoredDuringExecution'),
      ...mutable(a, 'preferredDuringSchedulingIgnoredDuringExecution').map(t => ensure(t, 'podAffinityTerm')),
    ];
    for (const term of terms) {
      addExpressions(term, labels, 'matchLabelKeys', 'In');
      addExpressions(term, labels, 'mismatchLabelKeys', 'NotIn');
    }
  }
}

function addExpressions(term: MutableObject, labels: Obj, list: string, operator: string): void {
  const selector = inside(term, 'labelSelector');
  const keys = Array.isArray(term[list]) ? (term[list] as string[]) : [];
  if (!selector) return;
  for (const key of keys)
    if (Object.hasOwn(labels, key))
      selector['matchExpressions'] = [...items(selector, 'matchExpressions'), { key, operator, values: [labels[key]] }];
}

/** What the template of a pod may have, but no pod. */
function onlyOfPods(faults: Faults, spec: Obj): void {
  projectedTokens(faults, spec);
  for (const key of ['containers', 'initContainers'])
    items(spec, key).forEach((c, i) => {
      paddedImage(faults, index(`spec.${key}`, i), c);
    });
}

const QOS_RESOURCES = ['cpu', 'memory'];
const positive = (v: unknown): boolean => typeof v === 'string' && !/^[+-]?0*(\.0*)?[a-zA-Z]*$/.test(v);

/** Guaranteed, Burstable or BestEffort, by requests and limits. */
function qosClass(spec: Obj): string {
  const containers = [...items(spec, 'initContainers'), ...items(spec, 'containers')].map(c => sub(c, 'resources'));
  const whole = sub(spec, 'resources');
  const all = has(whole, 'limits') || has(whole, 'requests') ? [whole] : containers;
  let any = false;
  let guaranteed = true;
  for (const r of all) {
    for (const name of QOS_RESOURCES) {
      const limit = sub(r, 'limits')[name];
      const request = sub(r, 'requests')[name];
      if (positive(limit) || positive(request)) any = true;
      if (!positive(limit) || (request !== undefined && request !== limit)) guaranteed = false;
    }
  }
  return any ? (guaranteed ? 'Guaranteed' : 'Burstable') : 'BestEffort';
}

const POD_METADATA = { name: 'subdomain', scope: 'Namespaced', standardFinalizers: true } as const;

const ALLOWED =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

function podChanges(faults: Faults, o: Obj, old: Obj, subresource: string): void {
  if (subresource === 'status') {
    podStatusChanges(faults, o, old);
    return;
  }
  const spec = sub(o, 'spec');
  const was = sub(old, 'spec');
  metadata(faults, o, POD_METADATA);
  podSpec(faults, 'spec', spec);
  onlyOfPods(faults, spec);
  if (subresource === 'resize' && items(spec, 'containers').length !== items(was, 'containers').length)
    faults.push(forbiddenField('spec.containers', 'containers may not be added or removed on resize'));
  if (subresource !== '') return;
  for (const key of ['containers', 'initContainers'])
    if (items(spec, key).length !== items(was, key).length) {
      faults.push(forbiddenField(`spec.${key}`, 'pod updates may not add or remove containers'));
      return;
    }
  for (const key of ['containers', 'initContainers'])
    items(spec, key).forEach((c, i) => {
      if (text(c, 'image').trim() !== text(c, 'image') || text(c, 'image') === '')
        faults.push(required(child(index(`spec.${key}`, i), 'image')));
    });
  deadline(faults, spec, was);
  tolerationChanges(faults, spec, was);
  const munged = mungedSpec(spec, was);
  if (!equal(munged, was)) {
    const difference = jsonDiff(printGo('PodSpec', was), printGo('PodSpec', munged));
    faults.push(forbiddenField('spec', `pod updates may not change fields other than ${ALLOWED}\n${difference}`));
  }
}

/** Tokens are of the pod's own service account: there must be one. */
function projectedTokens(faults: Faults, spec: Obj): void {
  if (text(spec, 'serviceAccountName') !== '') return;
  items(spec, 'volumes').forEach((v, i) => {
    const sources = child(child(index('spec.volumes', i), 'projected'), 'sources');
    items(sub(v, 'projected'), 'sources').forEach((s, n) => {
      if (has(s, 'serviceAccountToken'))
        faults.push(
          forbiddenField(child(index(sources, n), 'serviceAccountToken'), 'must not be specified when serviceAccountName is not set'),
        );
    });
  });
}

function deadline(faults: Faults, spec: Obj, was: Obj): void {
  const path = 'spec.activeDeadlineSeconds';
  if (has(spec, 'activeDeadlineSeconds')) {
    const n = number(spec, 'activeDeadlineSeconds');
    if (n < 0 || n > MAX_INT32) texts(faults, path, n, within(n, 0, MAX_INT32));
    else if (has(was, 'activeDeadlineSeconds') && number(was, 'activeDeadlineSeconds') < n)
      faults.push(invalidValue(path, n, 'must be less than or equal to previous value'));
  } else if (has(was, 'activeDeadlineSeconds')) {
    faults.push(invalidValue(path, null, 'must not update from a positive integer to nil value'));
  }
}

function tolerationChanges(faults: Faults, spec: Obj, was: Obj): void {
  const now = items(spec, 'tolerations');
  const strip = (t: Obj): unknown => ({ ...t, tolerationSeconds: undefined });
  const kept = items(was, 'tolerations').every(t => now.some(n => equal(strip(n), strip(t))));
  if (kept) tolerations(faults, 'spec.tolerations', now);
  else faults.push(forbiddenField('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'));
}

/** The new specification with everything that may change taken from the old one. */
function mungedSpec(spec: Obj, was: Obj): Obj {
  const withImages = (key: string): readonly Obj[] =>
    items(spec, key).map((c, i) => changed(c, { image: text(items(was, key)[i] ?? {}, 'image') }));
  const munged = changed(spec, { containers: withImages('containers') });
  if (has(spec, 'initContainers')) munged['initContainers'] = withImages('initContainers');
  for (const key of ['activeDeadlineSeconds', 'tolerations']) munged[key] = was[key];
  if (number(was, 'terminationGracePeriodSeconds') < 0 && number(spec, 'terminationGracePeriodSeconds') === 1)
    munged['terminationGracePeriodSeconds'] = was['terminationGracePeriodSeconds'];
  return munged;
}
