// What a small cluster has from the beginning: its nodes and the workloads of kube-system.
import { ensure } from '../apiserver/index.ts';
import { apiVersionOf, type Client, type KubeObject, type Resource } from '../kube/index.ts';
import { DAEMON_SETS, DEPLOYMENTS, NODES, PODS, type ResourceList, SERVICES, STORAGE_CLASSES } from './kinds.ts';
import { DEFAULT_CAPACITY } from './stages/nodes.ts';

/** A node as it is wished for. */
export interface NodeShape {
  readonly name: string;
  readonly capacity?: ResourceList;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
}

/** The one node of a member that names none. */
export const controlPlaneNode = (member: string): NodeShape => ({
  name: `${member}-control-plane`,
  labels: { 'node-role.kubernetes.io/control-plane': '' },
});

/** A control plane and `count - 1` workers, named as kind names them. */
export function nodeShapes(member: string, count: number): NodeShape[] {
  const workers = Array.from({ length: Math.max(0, count - 1) }, (_, i) => ({ name: `${member}-worker${i === 0 ? '' : i + 1}` }));
  return [controlPlaneNode(member), ...workers];
}

const SYSTEM = 'kube-system';
/** Where the Service `kubernetes` leads. */
export const API_PORT = 6443;

/** Makes what is missing. */
export async function seed(client: Client, o: { readonly member: string; readonly nodes: readonly NodeShape[] }): Promise<void> {
  for (const node of o.nodes) await ensure(client, NODES, nodeObject(node));
  const first = o.nodes[0]?.name ?? '';
  await make(client, STORAGE_CLASSES, {
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'rancher.io/local-path',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
  });
  await make(client, SERVICES, {
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { type: 'ClusterIP', clusterIP: '10.96.0.1', ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: API_PORT }] },
  });
  await make(client, SERVICES, {
    metadata: { name: 'kube-dns', namespace: SYSTEM, labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/name': 'CoreDNS' } },
    spec: {
      clusterIP: '10.96.0.10',
      selector: { 'k8s-app': 'kube-dns' },
      ports: [
        { name: 'dns', protocol: 'UDP', port: 53, targetPort: 53 },
        { name: 'dns-tcp', protocol: 'TCP', port: 53, targetPort: 53 },
      ],
    },
  });
  await make(client, DEPLOYMENTS, coredns);
  await make(client, DAEMON_SETS, kubeProxy);
  await make(client, PODS, etcd(o.member, first));
}

/** Objects of data: the resource says apiVersion and kind. */
function make<T extends KubeObject>(
  client: Client,
  r: Resource<T>,
  object: Pick<KubeObject, 'metadata'> & Readonly<Record<string, unknown>>,
): Promise<void> {
  return ensure(client, r, { apiVersion: apiVersionOf(r), kind: r.kind, ...object } as unknown as T);
}

function nodeObject(shape: NodeShape) {
  const { name } = shape;
  const os = process.arch === 'x64' ? 'amd64' : process.arch;
  const capacity = { ...DEFAULT_CAPACITY, ...shape.capacity };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'beta.kubernetes.io/arch': os,
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': os,
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        ...shape.labels,
      },
    },
    spec: { ...(shape.taints ? { taints: shape.taints } : {}) },
    status: { capacity, allocatable: capacity },
  };
}

const TOLERATES_ALL = [{ operator: 'Exists' }];

const coredns = {
  metadata: { name: 'coredns', namespace: SYSTEM, labels: { 'k8s-app': 'kube-dns' } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
    template: {
      metadata: { labels: { 'k8s-app': 'kube-dns' } },
      spec: {
        priorityClassName: 'system-cluster-critical',
        tolerations: [
          { key: 'CriticalAddonsOnly', operator: 'Exists' },
          { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
        ],
        containers: [
          {
            name: 'coredns',
            image: 'registry.k8s.io/coredns/coredns:v1.13.1',
            args: ['-conf', '/etc/coredns/Corefile'],
            resources: { requests: { cpu: '100m', memory: '70Mi' }, limits: { memory: '170Mi' } },
            ports: [
              { containerPort: 53, name: 'dns', protocol: 'UDP' },
              { containerPort: 53, name: 'dns-tcp', protocol: 'TCP' },
            ],
          },
        ],
      },
    },
  },
};

const kubeProxy = {
  metadata: { name: 'kube-proxy', namespace: SYSTEM, labels: { 'k8s-app': 'kube-proxy' } },
  spec: {
    selector: { matchLabels: { 'k8s-app': 'kube-proxy' } },
    template: {
      metadata: { labels: { 'k8s-app': 'kube-proxy' } },
      spec: {
        priorityClassName: 'system-node-critical',
        hostNetwork: true,
        tolerations: TOLERATES_ALL,
        containers: [{ name: 'kube-proxy', image: 'registry.k8s.io/kube-proxy:v1.36.1' }],
      },
    },
  },
};

/** A static pod: nothing makes it anew, and it is on its node from the start. */
const etcd = (member: string, node: string) => ({
  metadata: {
    name: `etcd-${member}-control-plane`,
    namespace: SYSTEM,
    labels: { component: 'etcd', tier: 'control-plane' },
    annotations: { 'kubernetes.io/config.mirror': 'etcd', 'kubernetes.io/config.source': 'file' },
  },
  spec: {
    nodeName: node,
    hostNetwork: true,
    priorityClassName: 'system-node-critical',
    tolerations: TOLERATES_ALL,
    containers: [
      {
        name: 'etcd',
        image: 'registry.k8s.io/etcd:3.6.6-0',
        command: ['etcd'],
        resources: { requests: { cpu: '100m', memory: '100Mi' } },
      },
    ],
  },
});
