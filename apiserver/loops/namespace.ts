// The namespace loop: a terminating namespace loses its contents, then its finalizer, then itself (specification §2.16).
import {
  type AnyObject,
  at,
  controller,
  isObject,
  isStatusError,
  listOf,
  type Runnable,
  type Source,
  timestamp,
} from '../../kube/index.ts';
import type { Core, Served } from '../registry/index.ts';
import { type LoopCall, type LoopOptions, modifyAs, removeAs } from './loop-context.ts';
import { deletionConditions, type Emptied, type Remaining, withOldTimes } from './namespace-conditions.ts';

const NAME = 'namespace-controller';
const FINALIZER = 'kubernetes';
/** How long a namespace keeps its contents once it terminates, as in the reference: clients count on a moment to finish what they had begun. */
const GRACE_MS = 5000;
const RECHECK_MS = 500;
/** What was refused is not asked again at once: somebody has to allow it first. */
const REFUSED_MS = 5000;

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
      const emptied = await emptyNamespace(core, name, signal);
      if (emptied.remaining.length > 0 || emptied.refusals.length > 0) {
        await tellRemaining(core, served, name, emptied);
        return { requeueAfterMs: emptied.refusals.length > 0 ? REFUSED_MS : RECHECK_MS };
      }
      await finalize(core, served, name);
      return undefined;
    },
  });
}

/** Namespaces as they begin to terminate: from then on the loop looks again by itself, whatever is written to them. */
function terminatingNamespaces(core: Core): Source {
  const served = core.catalog.find('', 'v1', 'namespaces');
  return {
    synced: Promise.resolve(),
    start(enqueue) {
      if (!served) return () => undefined;
      const known = new Set<string>();
      const consider = ({ metadata }: AnyObject): void => {
        const uid = metadata.uid ?? '';
        if (!metadata.deletionTimestamp || known.has(uid)) return;
        known.add(uid);
        enqueue(metadata.name ?? '', { afterMs: GRACE_MS });
      };
      for (const entry of served.collection.list({ namespace: '', accept: () => true }).entries) consider(entry.object);
      return served.collection.subscribe('', event => {
        if (event.type === 'DELETED') known.delete(event.entry.object.metadata.uid ?? '');
        else consider(event.entry.object);
      });
    },
  };
}

/** Deletes what is in the namespace; tells what is still there. What pods may need to end well stays until the last of them has gone. */
async function emptyNamespace(core: Core, namespace: string, signal: AbortSignal): Promise<Emptied> {
  const stored = [...core.catalog.stored()].filter(s => s.resource.scope !== 'Cluster');
  const isPods = (s: Served): boolean => s.resource.group === '' && s.resource.plural === 'pods';
  const pods = await withoutContent(core, { namespace, kinds: stored.filter(isPods), signal });
  if (pods.remaining.length > 0 || pods.refusals.length > 0) return pods;
  return withoutContent(core, { namespace, kinds: stored.filter(s => !isPods(s)), signal });
}

interface Content {
  readonly namespace: string;
  readonly kinds: readonly Served[];
  readonly signal: AbortSignal;
}

/** Deletes the objects of some kinds. One object that cannot be deleted holds up no other. */
async function withoutContent(core: Core, { namespace, kinds, signal }: Content): Promise<Emptied> {
  const remaining: Remaining[] = [];
  const refusals = new Map<string, string>();
  for (const s of kinds) {
    const resource = s.resource.group ? `${s.resource.plural}.${s.resource.group}` : s.resource.plural;
    for (const entry of s.collection.list({ namespace, accept: () => true }).entries) {
      const call = { core, loop: NAME, s, target: { namespace, name: entry.name, subresource: '' }, signal };
      const refusal = entry.object.metadata.deletionTimestamp ? undefined : await refusalOf(call);
      if (refusal !== undefined) {
        if (!refusals.has(resource)) refusals.set(resource, refusal);
        continue;
      }
      const left = s.collection.get(namespace, entry.name)?.object;
      if (left) remaining.push({ resource, finalizers: left.metadata.finalizers ?? [] });
    }
  }
  return { remaining, refusals: [...refusals.values()].sort() };
}

/** Deletes the object; why it was not deleted, if it was not. */
async function refusalOf(call: LoopCall): Promise<string | undefined> {
  try {
    await removeAs(call, { propagationPolicy: 'Background' });
    return undefined;
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined;
    if (call.signal?.aborted) throw error;
    return (error as Error).message;
  }
}

async function tellRemaining(core: Core, s: Served, name: string, emptied: Emptied): Promise<void> {
  const conditions = deletionConditions(emptied, timestamp(core.plane.clock.now()));
  await change(core, s, name, 'status', old => ({
    ...old,
    status: {
      ...(isObject(old['status']) ? old['status'] : {}),
      phase: 'Terminating',
      conditions: withOldTimes(listOf(at(old, 'status', 'conditions')), conditions),
    },
  }));
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
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}
