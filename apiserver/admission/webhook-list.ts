// The webhooks that are configured now, in the order in which they are asked. Made anew only when a configuration changes, so a
// request of a server without webhooks costs one comparison.
import { type AnyObject, listOf, objectOf, stringOf } from '../../kube/index.ts';
import type { CompiledPolicy } from '../cel/policy.ts';
import type { Core } from '../registry/index.ts';

type Raw = Readonly<Record<string, unknown>>;

/** One entry of a configuration. */
export interface Webhook {
  readonly name: string;
  /** Distinguishes webhooks of one name in several configurations. */
  readonly id: string;
  readonly raw: Raw;
  readonly failurePolicy: 'Fail' | 'Ignore';
  readonly timeoutSeconds: number;
  readonly reinvoke: boolean;
  /** Undefined where there are no conditions; compiled when first needed. */
  readonly conditions: (() => Promise<CompiledPolicy>) | undefined;
}

/** A view of a kind of configurations that is always up to date. */
export function webhookList(core: Core, plural: string): () => readonly Webhook[] {
  const collection = core.catalog.find('admissionregistration.k8s.io', 'v1', plural)?.collection;
  if (!collection) return () => [];
  let list: readonly Webhook[] | undefined;
  collection.subscribe('', () => {
    list = undefined;
  });
  return () => {
    list ??= collection.list({ namespace: '', accept: () => true }).entries.flatMap(e => webhooksOf(e.object));
    return list;
  };
}

function webhooksOf(configuration: AnyObject): Webhook[] {
  return listOf(configuration['webhooks']).map((item, i) => {
    const raw = objectOf(item);
    const { timeoutSeconds } = raw;
    return {
      name: stringOf(raw['name']),
      id: `${configuration.metadata.name ?? ''}/${i}`,
      raw,
      failurePolicy: raw['failurePolicy'] === 'Ignore' ? 'Ignore' : 'Fail',
      timeoutSeconds: typeof timeoutSeconds === 'number' ? timeoutSeconds : 10,
      reinvoke: raw['reinvocationPolicy'] === 'IfNeeded',
      conditions: listOf(raw['matchConditions']).length > 0 ? once(() => compile(raw)) : undefined,
    };
  });
}

async function compile(raw: Raw): Promise<CompiledPolicy> {
  const { compilePolicy } = await import('../cel/policy.ts');
  const { matchConditions, failurePolicy } = raw;
  return compilePolicy({ metadata: { name: raw['name'] }, spec: { matchConditions, failurePolicy } });
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
