// What every namespace of a cluster that runs pods holds: the ServiceAccount `default` and the ConfigMap kube-root-ca.crt.
// A control plane runs no pods and makes neither; a member does.
import { type AnyObject, at, controller, isStatusError, parseKey, type Resource, type Runnable, resource } from '../../kube/index.ts';
import { changesOf, needed } from './collection-source.ts';
import { type LoopOptions, loopClient } from './loop-context.ts';

interface Kept {
  readonly loop: string;
  readonly resource: Resource<AnyObject>;
  readonly name: string;
  make(namespace: string): AnyObject;
  /** Whether an object that is there says what it must. */
  good(object: AnyObject): boolean;
}

function keptLoop(o: LoopOptions, kept: Kept): Runnable {
  const { core } = o;
  const namespaces = needed(core, '', 'namespaces');
  const own = needed(core, '', kept.resource.plural);
  const client = loopClient(core, kept.loop);
  return controller({
    name: kept.loop,
    sources: [
      changesOf(namespaces),
      changesOf(own, { deletions: true, keys: x => (x.metadata.name === kept.name ? [x.metadata.namespace ?? ''] : []) }),
    ],
    clock: core.plane.clock,
    ...(o.log ? { log: o.log } : {}),
    async reconcile(key) {
      const namespace = parseKey(key).name;
      const parent = namespaces.collection.get('', namespace)?.object;
      if (!parent || parent.metadata.deletionTimestamp) return;
      const found = own.collection.get(namespace, kept.name)?.object;
      if (found && kept.good(found)) return;
      try {
        if (found) await client.update(kept.resource, { ...found, ...kept.make(namespace), metadata: found.metadata });
        else await client.create(kept.resource, kept.make(namespace));
      } catch (error) {
        if (!isStatusError(error, 'AlreadyExists') && !isStatusError(error, 'NotFound')) throw error;
      }
    },
  });
}

/** Gives each namespace a ServiceAccount `default`. */
export function defaultServiceAccountLoop(o: LoopOptions): Runnable {
  return keptLoop(o, {
    loop: 'serviceaccount',
    resource: resource({ group: '', version: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', scope: 'Namespaced' }),
    name: 'default',
    make: namespace => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } }),
    good: () => true,
  });
}

/** Gives each namespace the CA with which pods verify the server. `caCert` is PEM. */
export function rootCaLoop(o: LoopOptions & { readonly caCert: string }): Runnable {
  const name = 'kube-root-ca.crt';
  return keptLoop(o, {
    loop: 'root-ca-certificate-publisher',
    resource: resource({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' }),
    name,
    make: namespace => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { 'ca.crt': o.caCert } }),
    good: found => at(found, 'data', 'ca.crt') === o.caCert,
  });
}
