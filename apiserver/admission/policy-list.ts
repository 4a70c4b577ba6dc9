// Admission policies and their bindings, joined. Made anew only when one of them changes, so a request of a server without bindings
// costs one comparison. Compiled policies are kept until the policy changes.
import { type AnyObject, objectOf, stringOf } from '../../kube/index.ts';
import type { Core } from '../registry/index.ts';

export interface BoundPolicy<Compiled> {
  readonly policy: AnyObject;
  readonly bindings: readonly AnyObject[];
  /** Compiles at the first call. */
  compiled(): Promise<Compiled>;
}

export interface PolicyKinds<Compiled> {
  readonly policies: string;
  readonly bindings: string;
  compile(policy: AnyObject): Promise<Compiled>;
}

/** A view, always up to date, of the policies that have bindings, in the order of their names. */
export function policyList<Compiled>(core: Core, kinds: PolicyKinds<Compiled>): () => readonly BoundPolicy<Compiled>[] {
  const collection = (plural: string) => core.catalog.find('admissionregistration.k8s.io', 'v1', plural)?.collection;
  const [policies, bindings] = [collection(kinds.policies), collection(kinds.bindings)];
  if (!policies || !bindings) return () => [];
  const programs = new WeakMap<AnyObject, Promise<Compiled>>();
  let list: readonly BoundPolicy<Compiled>[] | undefined;
  const forget = (): void => {
    list = undefined;
  };
  policies.subscribe('', forget);
  bindings.subscribe('', forget);
  const compiled = (policy: AnyObject): Promise<Compiled> => {
    const made = programs.get(policy) ?? kinds.compile(policy);
    programs.set(policy, made);
    return made;
  };
  const all = (of: NonNullable<typeof policies>): AnyObject[] => of.list({ namespace: '', accept: () => true }).entries.map(e => e.object);
  return () => {
    list ??= join(all(policies), all(bindings)).map(b => ({ ...b, compiled: () => compiled(b.policy) }));
    return list;
  };
}

function join(policies: readonly AnyObject[], bindings: readonly AnyObject[]): { policy: AnyObject; bindings: AnyObject[] }[] {
  const byPolicy = new Map<string, AnyObject[]>();
  for (const b of bindings) {
    const name = stringOf(objectOf(b['spec'])['policyName']);
    byPolicy.set(name, [...(byPolicy.get(name) ?? []), b]);
  }
  return policies.flatMap(policy => {
    const own = byPolicy.get(policy.metadata.name ?? '');
    return own ? [{ policy, bindings: own }] : [];
  });
}
