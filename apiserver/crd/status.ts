// The status of CustomResourceDefinitions as a pure function of all of them: which names are accepted, and the conditions
// Established, NamesAccepted, NonStructuralSchema and KubernetesAPIApprovalPolicyConformant. Names once accepted stay with their
// owner; of two newcomers the one asked about first wins.
import { isObject, listOf, objectOf, stringOf, timestamp } from '../../kube/index.ts';
import { approvalOf, isProtectedGroup } from './approval.ts';

type Raw = Readonly<Record<string, unknown>>;

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

interface Names {
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
}

/** The status a CRD should have beside the others of its group; the same object content when nothing changes. */
export function crdStatus(crd: Raw, others: Iterable<Raw>, nowMs: number): Record<string, unknown> {
  const status = objectOf(crd['status']);
  const spec = objectOf(crd['spec']);
  const verdict = acceptNames(crd, others);
  const conditions = conditionsOf(crd);
  setCondition(conditions, verdict.condition, nowMs);
  const accepted = verdict.condition.status === 'True';
  const before = conditions.find(c => c.type === 'Established');
  const established: Said = accepted
    ? { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' }
    : { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
  if (before?.status !== 'True') setCondition(conditions, established, nowMs);
  if (isProtectedGroup(stringOf(spec['group']))) setCondition(conditions, approvalCondition(crd), nowMs);
  return { ...status, acceptedNames: verdict.names, conditions, storedVersions: listOf(status['storedVersions']) };
}

/** Whether custom objects of this CRD are served. */
export function isEstablished(crd: Raw): boolean {
  return conditionsOf(crd).some(c => c.type === 'Established' && c.status === 'True');
}

type Said = Omit<Condition, 'lastTransitionTime'>;

const conditionsOf = (crd: Raw): Condition[] => listOf(objectOf(crd['status'])['conditions']).filter(isObject) as unknown as Condition[];

function setCondition(conditions: Condition[], said: Said, nowMs: number): void {
  const i = conditions.findIndex(c => c.type === said.type);
  const before = conditions[i];
  const lastTransitionTime = before && before.status === said.status ? before.lastTransitionTime : timestamp(nowMs);
  const condition: Condition = { type: said.type, status: said.status, lastTransitionTime, reason: said.reason, message: said.message };
  if (i < 0) conditions.push(condition);
  else conditions[i] = condition;
}

function namesOf(raw: unknown): Names {
  const n = objectOf(raw);
  const texts = (key: string): string[] => listOf(n[key]).filter(v => typeof v === 'string');
  return {
    plural: stringOf(n['plural']),
    singular: stringOf(n['singular']),
    kind: stringOf(n['kind']),
    listKind: stringOf(n['listKind']),
    shortNames: texts('shortNames'),
    categories: texts('categories'),
  };
}

function printedNames(n: Names): Record<string, unknown> {
  return {
    plural: n.plural,
    ...(n.singular ? { singular: n.singular } : {}),
    ...(n.shortNames.length > 0 ? { shortNames: n.shortNames } : {}),
    kind: n.kind,
    ...(n.listKind ? { listKind: n.listKind } : {}),
    ...(n.categories.length > 0 ? { categories: n.categories } : {}),
  };
}

/** Accepts each name that no other CRD of the group has been granted; keeps the old one where it may not have the new. */
function acceptNames(crd: Raw, others: Iterable<Raw>): { readonly names: unknown; readonly condition: Said } {
  const wanted = namesOf(objectOf(crd['spec'])['names']);
  const had = namesOf(objectOf(crd['status'])['acceptedNames']);
  const { resources, kinds } = takenNames(crd, others);
  const conflicts: { readonly reason: string; readonly message: string }[] = [];
  const free = (name: string, taken: ReadonlySet<string>, reason: string): boolean => {
    if (!name || !taken.has(name)) return true;
    conflicts.push({ reason, message: `${JSON.stringify(name)} is already in use` });
    return false;
  };
  const plural = free(wanted.plural, resources, 'PluralConflict') ? wanted.plural : had.plural;
  const singular = free(wanted.singular, resources, 'SingularConflict') ? wanted.singular : had.singular;
  const shortFaults = wanted.shortNames.filter(n => resources.has(n)).map(n => `${JSON.stringify(n)} is already in use`);
  if (shortFaults.length > 0)
    conflicts.push({
      reason: 'ShortNamesConflict',
      message: shortFaults.length === 1 ? (shortFaults[0] ?? '') : `[${shortFaults.join(', ')}]`,
    });
  const kind = free(wanted.kind, kinds, 'KindConflict') ? wanted.kind : had.kind;
  const listKind = free(wanted.listKind, kinds, 'ListKindConflict') ? wanted.listKind : had.listKind;
  const names = printedNames({
    plural,
    singular,
    kind,
    listKind,
    shortNames: shortFaults.length > 0 ? had.shortNames : wanted.shortNames,
    categories: wanted.categories,
  });
  const conflict = conflicts.at(-1);
  const condition: Said = conflict
    ? { type: 'NamesAccepted', status: 'False', ...conflict }
    : { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' };
  return { names, condition };
}

function takenNames(crd: Raw, others: Iterable<Raw>): { readonly resources: ReadonlySet<string>; readonly kinds: ReadonlySet<string> } {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  const group = objectOf(crd['spec'])['group'];
  const name = objectOf(crd['metadata'])['name'];
  for (const other of others) {
    if (objectOf(other['spec'])['group'] !== group || objectOf(other['metadata'])['name'] === name) continue;
    const n = namesOf(objectOf(other['status'])['acceptedNames']);
    for (const r of [n.plural, n.singular, ...n.shortNames]) if (r) resources.add(r);
    for (const k of [n.kind, n.listKind]) if (k) kinds.add(k);
  }
  return { resources, kinds };
}

function approvalCondition(crd: Raw): Said {
  const type = 'KubernetesAPIApprovalPolicyConformant';
  const { state, message } = approvalOf(crd);
  const said = {
    approved: { status: 'True', reason: 'ApprovedAnnotation' },
    bypassed: { status: 'False', reason: 'UnapprovedAnnotation' },
    missing: { status: 'False', reason: 'MissingAnnotation' },
    invalid: { status: 'False', reason: 'InvalidAnnotation' },
  } as const;
  return { type, ...said[state], message };
}
