// The namespace loop: a terminating namespace loses its contents, then its finalizer, then itself (specification §2.16).
import { type AnyObject, at, controller, isObject, listOf, type Runnable, type Source, timestamp } from '../../kube/index.ts';
import type { Core, Served } from '../registry/index.ts';
import { type LoopOptions, modifyAs, removeAs } from './loop-context.ts';

const NAME = 'namespace-controller';
const FINALIZER = 'kubernetes';
const RECHECK_MS = 500;

export function namespaceLoop(o: LoopOptions): Runnable {
  const { core } = o;
  return controller({
    name: 'namespace',
    sources: [terminatingNamespaces(core)],
    clock: core.plane.clock,
    workers: 2,
    ...(o.log ? { log: o.log } : {}),
    reconcile: async (name, signal) => {
      const served = core.catalog.find('', 'v1', 'namespaces');
      const object = served?.collection.get('', name)?.object;
      if (!served || !object?.metadata.deletionTimestamp) return undefined;
      const remaining = await emptyNamespace(core, name, signal);
      if (remaining.length > 0) {
        await tellRemaining(core, served, name, remaining);
        return { requeueAfterMs: RECHECK_MS };
      }
      await finalize(core, served, name);
      return undefined;
    },
  });
}

function terminatingNamespaces(core: Core): Source {
  const served = core.catalog.find('', 'v1', 'namespaces');
  return {
    synced: Promise.resolve(),
    start(enqueue) {
      if (!served) return () => undefined;
      const consider = (object: AnyObject): void => {
        if (object.metadata.deletionTimestamp) enqueue(object.metadata.name ?? '');
      };
      for (const entry of served.collection.list({ namespace: '', accept: () => true }).entries) consider(entry.object);
      return served.collection.subscribe('', event => {
        if (event.type !== 'DELETED') consider(event.entry.object);
      });
    },
  };
}

interface Remaining {
  readonly resource: string;
  readonly finalizers: readonly string[];
}

/** Deletes what is in the namespace; tells what is still there. */
async function emptyNamespace(core: Core, namespace: string, signal: AbortSignal): Promise<Remaining[]> {
  const remaining: Remaining[] = [];
  for (const s of core.catalog.stored()) {
    if (s.resource.scope === 'Cluster') continue;
    for (const entry of s.collection.list({ namespace, accept: () => true }).entries) {
      if (!entry.object.metadata.deletionTimestamp) {
        await removeAs(
          { core, loop: NAME, s, target: { namespace, name: entry.name, subresource: '' }, signal },
          { propagationPolicy: 'Background' },
        ).catch(ignoreGone);
      }
      const left = s.collection.get(namespace, entry.name)?.object;
      if (left)
        remaining.push({
          resource: s.resource.group ? `${s.resource.plural}.${s.resource.group}` : s.resource.plural,
          finalizers: left.metadata.finalizers ?? [],
        });
    }
  }
  return remaining;
}

function ignoreGone(error: { reason?: string }): void {
  if (error.reason !== 'NotFound') throw error;
}

function counted(texts: readonly string[], word: string): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts]
    .sort()
    .map(([text, n]) => `${text} ${word} ${n} resource instances`)
    .join(', ');
}

async function tellRemaining(core: Core, s: Served, name: string, remaining: readonly Remaining[]): Promise<void> {
  const finalizers = remaining.flatMap(r => r.finalizers);
  const now = timestamp(core.plane.clock.now());
  const condition = (type: string, status: boolean, reason: string, message: string): Record<string, string> => ({
    type,
    status: status ? 'True' : 'False',
    lastTransitionTime: now,
    reason,
    message,
  });
  const conditions = [
    condition('NamespaceDeletionDiscoveryFailure', false, 'ResourcesDiscovered', 'All resources successfully discovered'),
    condition('NamespaceDeletionGroupVersionParsingFailure', false, 'ParsedGroupVersions', 'All legacy kube types successfully parsed'),
    condition(
      'NamespaceDeletionContentFailure',
      false,
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ),
    condition(
      'NamespaceContentRemaining',
      true,
      'SomeResourcesRemain',
      `Some resources are remaining: ${counted(
        remaining.map(r => r.resource),
        'has',
      )}`,
    ),
    finalizers.length > 0
      ? condition(
          'NamespaceFinalizersRemaining',
          true,
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${counted(finalizers, 'in')}`,
        )
      : condition('NamespaceFinalizersRemaining', false, 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'),
  ];
  await change(core, s, name, 'status', old => ({
    ...old,
    status: {
      ...(isObject(old['status']) ? old['status'] : {}),
      phase: 'Terminating',
      conditions: kept(listOf(at(old, 'status', 'conditions')), conditions),
    },
  }));
}

/** The new conditions, with the old times where nothing changed. */
function kept(old: readonly unknown[], conditions: readonly Record<string, string>[]): Readonly<Record<string, string>>[] {
  return conditions.map(c => {
    const before = old.find(o => isObject(o) && o['type'] === c['type']) as Record<string, string> | undefined;
    return before && before['status'] === c['status'] && before['message'] === c['message'] ? before : c;
  });
}

async function finalize(core: Core, s: Served, name: string): Promise<void> {
  await change(core, s, name, 'finalize', old => {
    const finalizers = listOf(at(old, 'spec', 'finalizers')).filter(f => f !== FINALIZER);
    return { ...old, spec: { ...(isObject(old['spec']) ? old['spec'] : {}), finalizers } };
  });
}

async function change(
  core: Core,
  s: Served,
  name: string,
  subresource: string,
  make: (old: AnyObject) => Record<string, unknown>,
): Promise<void> {
  try {
    await modifyAs(
      { core, loop: NAME, s, target: { namespace: '', name, subresource } },
      { make: old => structuredClone(make(old)), internal: true, writes: subresource },
    );
  } catch (error) {
    ignoreGone(error as { reason?: string });
  }
}
