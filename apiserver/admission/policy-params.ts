// The parameter objects of a policy binding: found by name or selector among the objects of the policy's paramKind.
import { type AnyObject, labelSelector, objectOf, stringOf } from '../../kube/index.ts';
import { type Core, type Served, viewOf } from '../registry/index.ts';

/** A policy or binding that cannot be used as it is. */
export class ConfigurationFault extends Error {
  readonly of: 'policy' | 'binding';
  constructor(of: 'policy' | 'binding', why: string) {
    super(`failed to configure ${of}: ${why}`);
    this.of = of;
  }
}

/** What serves the paramKind; undefined for a policy without parameters. Throws ConfigurationFault for an unknown kind. */
export function paramResource(core: Core, policy: AnyObject): Served | undefined {
  const paramKind = objectOf(policy['spec'])['paramKind'];
  if (!paramKind) return undefined;
  const { apiVersion, kind } = objectOf(paramKind);
  const served = core.catalog.findKind(stringOf(apiVersion), stringOf(kind));
  if (served && !served.answer) return served;
  throw new ConfigurationFault(
    'policy',
    `failed to find resource referenced by paramKind: '${stringOf(apiVersion)}, Kind=${stringOf(kind)}'`,
  );
}

/** Parameters to evaluate with: [null] where there are none to look for, [] where their absence is allowed. */
export function paramsOf(served: Served | undefined, binding: AnyObject, requestNamespace: string): readonly (AnyObject | null)[] {
  const ref = objectOf(objectOf(binding['spec'])['paramRef']);
  if (!served || Object.keys(ref).length === 0) return [null];
  const namespace = namespaceFor(served, stringOf(ref['namespace']), requestNamespace);
  const wanted = stringOf(ref['name']);
  const found = wanted ? [served.collection.get(namespace, wanted)].flatMap(e => e ?? []) : selected(served, namespace, ref['selector']);
  if (found.length > 0) return found.map(e => viewOf(served, e).object);
  if (ref['parameterNotFoundAction'] === 'Allow') return [];
  throw new ConfigurationFault('binding', 'no params found for policy binding with `Deny` parameterNotFoundAction');
}

function namespaceFor(served: Served, given: string, requestNamespace: string): string {
  if (served.resource.scope === 'Cluster') {
    if (given) throw new ConfigurationFault('binding', 'paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
    return '';
  }
  const namespace = given || requestNamespace;
  if (!namespace)
    throw new ConfigurationFault('binding', 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources');
  return namespace;
}

function selected(served: Served, namespace: string, raw: unknown): ReturnType<Served['collection']['list']>['entries'] {
  const selector = labelSelector(objectOf(raw));
  return served.collection.list({ namespace, accept: e => selector.matches(e.object.metadata.labels ?? {}) }).entries;
}
