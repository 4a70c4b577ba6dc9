// Removes what a control plane or a controller writes into an object, so that only the user's wishes travel (specification §0.4).
// Some kinds lose more; they are told apart by kind alone.
import { type AnyObject, at, isObject } from '../../kube/index.ts';

const METADATA = new Set([
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
  'ownerReferences',
  'finalizers',
]);

type Step = (object: AnyObject) => AnyObject;
type Fields = Record<string, unknown>;

/** The object without irrelevant fields: a new object that shares what was not touched. */
export function pruneIrrelevantFields(object: AnyObject): AnyObject {
  const { status: _, ...rest } = object;
  const pruned = (
    isObject(object.metadata) ? { ...rest, metadata: without(object.metadata, name => METADATA.has(name)) } : rest
  ) as AnyObject;
  return Object.hasOwn(STEPS, object.kind ?? '') ? (STEPS[object.kind]?.(pruned) ?? pruned) : pruned;
}

function without(value: object, drop: (key: string) => boolean): Fields {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !drop(key)));
}

/** The object with the map at the path changed; the object itself where there is no map. */
function within(object: AnyObject, path: readonly string[], change: (map: Fields) => Fields): AnyObject {
  const walk = (value: unknown, [step, ...rest]: readonly string[]): unknown => {
    if (!isObject(value)) return value;
    if (step === undefined) return change(value);
    return Object.hasOwn(value, step) ? { ...value, [step]: walk(value[step], rest) } : value;
  };
  return walk(object, path) as AnyObject;
}

const dropAnnotations = (object: AnyObject, drop: (key: string) => boolean): AnyObject =>
  within(object, ['metadata', 'annotations'], annotations => without(annotations, drop));

const CONTROLLER_LABELS = new Set(['controller-uid', 'batch.kubernetes.io/controller-uid']);
const JOB_LABELS = new Set([...CONTROLLER_LABELS, 'job-name', 'batch.kubernetes.io/job-name']);
const REVISIONS = new Set(['deployment.kubernetes.io/revision', 'deployment.kubernetes.io/revision-history']);
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

const STEPS: Readonly<Record<string, Step>> = {
  Deployment: object => dropAnnotations(object, key => REVISIONS.has(key)),
  Job(object) {
    const lasting = within(object, ['spec'], spec => without(spec, key => key === 'ttlSecondsAfterFinished'));
    if (at(object, 'spec', 'manualSelector') === true) return lasting;
    const selected = within(lasting, ['spec', 'selector', 'matchLabels'], labels => without(labels, key => CONTROLLER_LABELS.has(key)));
    return within(selected, ['spec', 'template', 'metadata', 'labels'], labels => without(labels, key => JOB_LABELS.has(key)));
  },
  Secret(object) {
    if (object['type'] !== 'kubernetes.io/service-account-token') return object;
    return { ...dropAnnotations(object, key => key === 'kubernetes.io/service-account.uid'), data: null };
  },
  ServiceAccount(object) {
    const secrets = object['secrets'];
    return Array.isArray(secrets) ? { ...object, secrets: withoutTokens(secrets, `${object.metadata.name ?? ''}-token-`) } : object;
  },
  Service(object) {
    const clusterIP = at(object, 'spec', 'clusterIP');
    if (clusterIP === undefined || clusterIP === 'None') return object;
    return within(object, ['spec'], spec => without(spec, key => key === 'clusterIP' || key === 'clusterIPs'));
  },
  PersistentVolumeClaim: object =>
    at(object, 'metadata', 'annotations', SELECTED_NODE) ? dropAnnotations(object, key => key === SELECTED_NODE) : object,
};

/** Drops generated token secrets; the entry right after a dropped one is kept unseen, as clusters already rely on. */
function withoutTokens(secrets: readonly unknown[], prefix: string): unknown[] {
  const kept: unknown[] = [];
  for (let i = 0; i < secrets.length; i++) {
    const name = at(secrets[i], 'name');
    if (typeof name !== 'string' || !name.startsWith(prefix)) kept.push(secrets[i]);
    else if (++i < secrets.length) kept.push(secrets[i]);
  }
  return kept;
}
