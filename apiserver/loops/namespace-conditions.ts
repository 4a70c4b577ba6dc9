// What the status of a terminating namespace tells about what is still in it.
import { isObject } from '../../kube/index.ts';

export interface Remaining {
  readonly resource: string;
  readonly finalizers: readonly string[];
}

export interface Emptied {
  readonly remaining: readonly Remaining[];
  /** Why objects could not be deleted: the first reason of each resource. */
  readonly refusals: readonly string[];
}

type Condition = Readonly<Record<'type' | 'status' | 'lastTransitionTime' | 'reason' | 'message', string>>;
type Said = readonly [reason: string, message: string];

/** All conditions of the deletion, as of `now`. */
export function deletionConditions({ remaining, refusals }: Emptied, now: string): Condition[] {
  const finalizers = remaining.flatMap(r => r.finalizers);
  const resources = remaining.map(r => r.resource);
  const condition = (type: string, bad: Said | undefined, good: Said): Condition => {
    const [reason, message] = bad ?? good;
    return { type, status: bad ? 'True' : 'False', lastTransitionTime: now, reason, message };
  };
  return [
    condition('NamespaceDeletionDiscoveryFailure', undefined, ['ResourcesDiscovered', 'All resources successfully discovered']),
    condition('NamespaceDeletionGroupVersionParsingFailure', undefined, [
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ]),
    condition('NamespaceDeletionContentFailure', refusals.length > 0 ? refused(refusals) : undefined, [
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ]),
    condition(
      'NamespaceContentRemaining',
      resources.length > 0 ? ['SomeResourcesRemain', `Some resources are remaining: ${counted(resources, 'has')}`] : undefined,
      ['ContentRemoved', 'All content successfully removed'],
    ),
    condition(
      'NamespaceFinalizersRemaining',
      finalizers.length > 0
        ? ['SomeFinalizersRemain', `Some content in the namespace has finalizers remaining: ${counted(finalizers, 'in')}`]
        : undefined,
      ['ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
    ),
  ];
}

const refused = (refusals: readonly string[]): Said => [
  'ContentDeletionFailed',
  `Failed to delete all resource types, ${refusals.length} remaining: ${refusals.join(', ')}`,
];

function counted(texts: readonly string[], word: string): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts]
    .sort()
    .map(([text, n]) => `${text} ${word} ${n} resource instances`)
    .join(', ');
}

/** The new conditions, with the old times where nothing changed. */
export function withOldTimes(old: readonly unknown[], conditions: readonly Condition[]): Condition[] {
  return conditions.map(c => {
    const before = old.find(o => isObject(o) && o['type'] === c.type) as Condition | undefined;
    return before && before.status === c.status && before.message === c.message ? before : c;
  });
}
