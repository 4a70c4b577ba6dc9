// The Karmada kinds that are built in, not CRDs: Cluster (with status and proxy), and the versions of bindings that differ in shape.
import { builtInKinds, clusters, convertBinding } from '../crds/index.ts';
import type { AnyObject, Clock } from '../kube/index.ts';
import { mutateCluster, validateCluster } from '../webhook/index.ts';
import type { MutableObject } from './admission/plugin.ts';
import { type CustomKind, customKind } from './crd/custom-kind.ts';
import type { Conversion } from './custom-conversion.ts';
import { servedFrom } from './custom-resources.ts';
import type { Core, KindRules, Served, Subresource } from './registry/index.ts';
import { clusterColumns } from './table/index.ts';

/** The schema of Cluster, compiled. */
export function clusterKind(): CustomKind {
  const document = builtInKinds().find(d => d.spec.group === clusters.group && d.spec.names.kind === clusters.kind);
  const kind = document && customKind(document as unknown as AnyObject, clusters.version);
  if (!kind) throw new Error('the schema of Cluster is missing');
  return kind;
}

/** clusters.cluster.karmada.io as a served resource. */
export function clusterResource(core: Core): Served {
  const kind = clusterKind();
  const all = new Map<string, Served>();
  const served = servedFrom({ core, conversions: new Map() }, { kind, storage: kind, kinds: [kind], generation: 'built-in', all });
  all.set(`${kind.group}/${kind.version}`, served);
  const part: Subresource = { verbs: ['get', 'patch', 'update'], type: 'part' };
  const proxyKind = { group: clusters.group, version: clusters.version, kind: 'ClusterProxyOptions' };
  return {
    ...served,
    table: clusterColumns,
    rules: clusterRules(core.plane.clock, served.rules),
    traits: { ...served.traits, unconditionalUpdate: true },
    subresources: new Map<string, Subresource>([
      ['status', part],
      ['proxy', { kind: proxyKind, verbs: ['create', 'delete', 'get', 'patch', 'update'], type: 'connect' }],
    ]),
  };
}

function clusterRules(clock: Clock, schema: KindRules): KindRules {
  const context = { clock } as Parameters<typeof mutateCluster>[1];
  const take = (object: MutableObject, made: AnyObject): void => {
    for (const key of Object.keys(object)) if (key !== 'metadata') delete object[key];
    const { metadata: _, ...rest } = made;
    Object.assign(object, rest);
  };
  return {
    ...schema,
    prepareCreate: object => take(object, mutateCluster({ operation: 'CREATE', object: object as AnyObject }, context)),
    prepareUpdate(object, old, subresource) {
      if (subresource === 'status') {
        schema.prepareUpdate?.(object, old, subresource);
        return;
      }
      take(object, mutateCluster({ operation: 'UPDATE', object: object as AnyObject, oldObject: old as AnyObject }, context));
      if (old['status'] !== undefined) object['status'] = old['status'];
    },
    validate: object => [...schema.validate(object), ...validateCluster({ operation: 'CREATE', object: object as AnyObject })],
    validateUpdate: (object, old, subresource) => [
      ...schema.validateUpdate(object, old, subresource),
      ...(subresource === '' ? validateCluster({ operation: 'UPDATE', object: object as AnyObject, oldObject: old as AnyObject }) : []),
    ],
  };
}

/** ResourceBindings and ClusterResourceBindings differ in shape between v1alpha1 and v1alpha2. */
export const bindingConversions: ReadonlyMap<string, Conversion> = new Map(
  ['resourcebindings.work.karmada.io', 'clusterresourcebindings.work.karmada.io'].map(name => [
    name,
    (object, apiVersion) => convertBinding(object, apiVersion) ?? object,
  ]),
);
