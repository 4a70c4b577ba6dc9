// Wiring of the service import controller (specification §8.11): an imported Service stands here as `derived-<name>`, for consumers to get as a dependency.
import { derivedServiceName, eventReasons, type ServiceImport, serviceImports } from '../../crds/index.ts';
import {
  type AnyObject,
  type Change,
  controller,
  equal,
  fromInformer,
  objectOf,
  parseKey,
  type Runnable,
  watchedDeletion,
} from '../../kube/index.ts';
import type { ControllerContext } from '../context.ts';
import { services } from '../endpoint-slices/slices.ts';
import { createOrUpdate, deleteIfPresent, updateFresh } from '../writing.ts';

export function serviceImportController(context: ControllerContext): Runnable {
  const { hub, clock, log, informers, recorder } = context;
  const copy = informers.of(serviceImports);
  const deleted = new Map<string, ServiceImport>();
  const remember = ({ type, object }: Change<ServiceImport>): boolean => {
    const key = `${object.metadata.namespace}/${object.metadata.name}`;
    if (type === 'deleted') deleted.set(key, object);
    else deleted.delete(key);
    return true;
  };
  return controller({
    ...context.runtime,
    name: 'service-import-controller',
    sources: [fromInformer(copy, { when: remember })],
    async reconcile(key, signal) {
      const imported = copy.get(parseKey(key));
      const last = deleted.get(key);
      if (!imported) {
        if (!last || !watchedDeletion(copy, last, key).because) return;
        const { namespace = '', name = '' } = last.metadata;
        await deleteIfPresent(hub, services, { namespace, name: derivedServiceName(name) }, signal);
        deleted.delete(key);
        return;
      }
      if (imported.metadata.deletionTimestamp || imported.spec?.type !== 'ClusterSetIP') return;
      try {
        await derive(context, imported, signal);
        recorder.event(imported, 'Normal', eventReasons.syncDerivedServiceSucceed, 'Sync derived service for serviceImport succeed.');
      } catch (error) {
        recorder.event(imported, 'Warning', eventReasons.syncDerivedServiceFailed, (error as Error).message);
        throw error;
      }
    },
    clock,
    log,
  });
}

/** The Service that stands for an imported one. */
function derivedService({ metadata, spec }: ServiceImport): AnyObject {
  const ports = (spec?.ports ?? []).map(({ name, protocol, port, appProtocol }) => ({
    ...(name === undefined ? {} : { name }),
    ...(protocol === undefined ? {} : { protocol }),
    port,
    ...(appProtocol === undefined ? {} : { appProtocol }),
  }));
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: metadata.namespace ?? '', name: derivedServiceName(metadata.name ?? '') },
    spec: { type: 'ClusterIP', ports },
  };
}

async function derive({ hub, clock }: ControllerContext, imported: ServiceImport, signal: AbortSignal): Promise<void> {
  const desired = derivedService(imported);
  const wanted = objectOf(desired['spec']);
  const change = (present: AnyObject): AnyObject => {
    const next = { ...present, spec: { ...objectOf(present['spec']), ports: withDefaults(wanted['ports']), type: wanted['type'] } };
    return equal(withoutAssigned(next), withoutAssigned(present)) ? present : next;
  };
  const target = { client: hub, clock, resource: services };
  const { object } = await createOrUpdate(target, desired, { change }, signal);
  const ingress = (imported.spec?.ips ?? []).map(ip => ({ ip }));
  const withStatus = (present: AnyObject): AnyObject => {
    const loadBalancer = { ingress };
    const now = objectOf(objectOf(present['status'])['loadBalancer'])['ingress'] ?? [];
    return equal(now, ingress) ? present : { ...present, status: { ...objectOf(present['status']), loadBalancer } };
  };
  const { namespace = '', name = '' } = object.metadata;
  await updateFresh(target, { namespace, name }, { cached: object, change: withStatus, subresource: 'status' }, signal);
}

const withDefaults = (ports: unknown): unknown =>
  (ports as readonly Record<string, unknown>[]).map(port => ({ protocol: 'TCP', targetPort: port['port'], ...port }));

/** Without what the server assigns to ports. */
function withoutAssigned(service: AnyObject): unknown {
  const spec = objectOf(service['spec']);
  return { ...service, spec: { ...spec, ports: withDefaults(spec['ports'] ?? []) } };
}
