// metrics.k8s.io: the usage of nodes and pods at the moment of asking; `kubectl top` reads it. Nothing of it is stored.
import { ComputedCollection, type Core, NEVER_WRITTEN, type Served } from '../../apiserver/index.ts';
import { type AnyObject, fieldSelectorOf, humanAge, notFound, timestamp } from '../../kube/index.ts';
import type { Node, Pod, Service } from '../kinds.ts';
import { readyStatus } from '../stages/nodes.ts';
import { busyPods } from './traffic.ts';
import { containerUsage, isMeasured, nodeUsage, plus, type Usage, usageList } from './usage.ts';

const GROUP = 'metrics.k8s.io';
const VERSION = 'v1beta1';
const WINDOW = '15s';

/** For `apiServer({ kinds })`. */
export function metricsKinds(core: Core): Served[] {
  const stored = <T>(plural: string, namespace = ''): T[] =>
    (core.catalog.find('', 'v1', plural)?.collection.list({ namespace, accept: () => true }).entries ?? []).map(
      e => e.object as unknown as T,
    );
  /** What is measured; where it is not there, that is what is said, not that it lacks metrics. */
  const one = <T>(plural: string, namespace: string, name: string): T => {
    const found = core.catalog.find('', 'v1', plural)?.collection.get(namespace, name)?.object;
    if (!found) throw notFound({ group: '', plural, name });
    return found as unknown as T;
  };
  const now = (): string => timestamp(core.plane.clock.now());
  const busy = (namespace = ''): ReadonlySet<string> => busyPods(stored<Pod>('pods'), stored<Service>('services', namespace));
  const ofNode = (node: Node, pods: readonly Pod[]): AnyObject[] =>
    readyStatus(node) === 'True' ? [nodeMetrics(node, nodeUsage(node, pods, busy()), now())] : [];
  const ofPod = (pod: Pod, atWork: ReadonlySet<string>): AnyObject[] => (isMeasured(pod) ? [podMetrics(pod, now(), atWork)] : []);
  return [
    served(core, {
      plural: 'nodes',
      kind: 'NodeMetrics',
      namespaced: false,
      list: () => {
        const pods = stored<Pod>('pods');
        return stored<Node>('nodes').flatMap(node => ofNode(node, pods));
      },
      get: (_namespace, name) => {
        const node = one<Node>('nodes', '', name);
        return ofNode(node, stored<Pod>('pods'))[0];
      },
    }),
    served(core, {
      plural: 'pods',
      kind: 'PodMetrics',
      namespaced: true,
      list(namespace) {
        const atWork = busy(namespace);
        return stored<Pod>('pods', namespace).flatMap(pod => ofPod(pod, atWork));
      },
      get: (namespace, name) => {
        const pod = one<Pod>('pods', namespace, name);
        return ofPod(pod, busy(namespace))[0];
      },
    }),
  ];
}

function head(kind: string, of: Node | Pod, at: string) {
  const { name = '', namespace, labels } = of.metadata;
  return {
    kind,
    apiVersion: `${GROUP}/${VERSION}`,
    metadata: { name, ...(namespace ? { namespace } : {}), creationTimestamp: at, ...(labels ? { labels } : {}) },
    timestamp: at,
    window: WINDOW,
  };
}

const nodeMetrics = (node: Node, usage: Usage, at: string): AnyObject => ({ ...head('NodeMetrics', node, at), usage: usageList(usage) });

const podMetrics = (pod: Pod, at: string, busy: ReadonlySet<string>): AnyObject => ({
  ...head('PodMetrics', pod, at),
  containers: pod.spec.containers.map(c => ({ name: c.name, usage: usageList(containerUsage(pod, c, busy)) })),
});

interface Kind {
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  list(namespace: string): AnyObject[];
  get(namespace: string, name: string): AnyObject | undefined;
}

function served(core: Core, o: Kind): Served {
  const same = (object: AnyObject): AnyObject => object;
  const resource = {
    group: GROUP,
    version: VERSION,
    kind: o.kind,
    plural: o.plural,
    scope: o.namespaced ? 'Namespaced' : 'Cluster',
  } as const;
  return {
    resource,
    singular: '',
    listKind: `${o.kind}List`,
    shortNames: [],
    categories: [],
    verbs: ['get', 'list'],
    collection: new ComputedCollection({
      prefix: `/computed/${GROUP}/${o.plural}/`,
      namespaced: o.namespaced,
      store: core.plane.cache.store,
      computing: o,
    }),
    viewId: '',
    fromStored: same,
    toStored: same,
    rules: { defaults: () => undefined, validate: () => [], validateUpdate: () => [] },
    traits: { generation: 'none', unconditionalUpdate: true, createOnUpdate: false, deleteReply: 'status' },
    ...NEVER_WRITTEN,
    custom: true,
    fields: fieldSelectorOf(`${GROUP}/${VERSION}`, o.plural),
    subresources: new Map(),
    table: { columns: COLUMNS, cells: (object, nowMs) => [object.metadata.name ?? '', ...totals(object), WINDOW, age(object, nowMs)] },
    prune: () => [],
  };
}

const column = (name: string, type = 'string') => ({
  name,
  type,
  format: type === 'string' && name === 'Name' ? 'name' : '',
  description: '',
  priority: 0,
});
const COLUMNS = [column('Name'), column('CPU'), column('Memory'), column('Window'), column('Age', 'date')];

function totals(object: AnyObject): [string, string] {
  const containers = (object['containers'] as { usage: Record<string, string> }[] | undefined) ?? [
    { usage: object['usage'] as Record<string, string> },
  ];
  const list = usageList(containers.map(c => parsed(c.usage)).reduce(plus));
  return [list['cpu'] ?? '', list['memory'] ?? ''];
}

/** What `usageList` wrote. */
const parsed = (list: Record<string, string>): Usage => ({
  milliCpu: BigInt(list['cpu']?.endsWith('m') ? list['cpu'].slice(0, -1) : `${list['cpu'] ?? 0}000`),
  memoryBytes: BigInt((list['memory'] ?? '0').replace('Ki', '')) * 1024n,
});

const age = (object: AnyObject, nowMs: number): string => humanAge(nowMs - Date.parse(object.metadata.creationTimestamp ?? ''));
