// Who may do what in a control plane besides what every API server has: administrators reach members, readers and editors of namespaces
// see Karmada's kinds, and what `karmadactl register` needs before a cluster in pull mode has an identity of its own (specification §8.15).
import type { AnyObject } from '../kube/index.ts';

const GROUP = 'rbac.authorization.k8s.io';
const API_VERSION = `${GROUP}/v1`;
const BOOTSTRAPPING = { 'karmada.io/bootstrapping': 'rbac-defaults' };
const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];
/** Whoever shows a bootstrap token that `karmadactl token create` made. */
const REGISTERING = { kind: 'Group', name: 'system:bootstrappers:karmada:default-cluster-token' };
const AGENTS = { kind: 'Group', name: 'system:karmada:agents' };

/** Kinds of namespaces' users, by group. */
const NAMESPACED: Readonly<Record<string, readonly string[]>> = {
  'autoscaling.karmada.io': withStatus('cronfederatedhpas', 'federatedhpas'),
  'multicluster.x-k8s.io': withStatus('serviceexports', 'serviceimports'),
  'networking.karmada.io': withStatus('multiclusteringresses', 'multiclusterservices'),
  'policy.karmada.io': ['overridepolicies', 'propagationpolicies'],
  'work.karmada.io': withStatus('resourcebindings', 'works'),
};

function withStatus(...plurals: readonly string[]): readonly string[] {
  return plurals.flatMap(plural => [plural, `${plural}/status`]);
}

interface Subject {
  readonly kind: string;
  readonly name: string;
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const clusterRole = (name: string, rules: readonly Rule[], labels: Readonly<Record<string, string>> = {}): AnyObject => ({
  apiVersion: API_VERSION,
  kind: 'ClusterRole',
  metadata: { name, labels: { ...BOOTSTRAPPING, ...labels } },
  rules,
});

const clusterRoleBinding = (name: string, role: string, ...subjects: readonly Subject[]): AnyObject => ({
  apiVersion: API_VERSION,
  kind: 'ClusterRoleBinding',
  metadata: { name, labels: BOOTSTRAPPING },
  roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: role },
  subjects: subjects.map(subject => ({ apiGroup: GROUP, ...subject })),
});

const overNamespaced = (verbs: readonly string[]): Rule[] =>
  Object.entries(NAMESPACED).map(([group, resources]) => ({ apiGroups: [group], resources, verbs }));

const requesting = (subresource: string): Rule[] => [
  { apiGroups: ['certificates.k8s.io'], resources: [`certificatesigningrequests/${subresource}`], verbs: ['create'] },
];

const CLUSTER_INFO = 'system:karmada:bootstrap-signer-clusterinfo';
const AUTO_APPROVER = 'system:karmada:certificatesigningrequest:autoapprover';
const SELF_AUTO_APPROVER = 'system:karmada:certificatesigningrequest:selfautoapprover';
const RBAC_GENERATOR = 'system:karmada:agent-rbac-generator';

/** Anybody may learn where the control plane is and by which CA to know it. */
const clusterInfoReaders: readonly AnyObject[] = [
  {
    apiVersion: API_VERSION,
    kind: 'Role',
    metadata: { namespace: 'kube-public', name: CLUSTER_INFO, labels: BOOTSTRAPPING },
    rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: ['cluster-info'], verbs: ['get'] }],
  },
  {
    apiVersion: API_VERSION,
    kind: 'RoleBinding',
    metadata: { namespace: 'kube-public', name: CLUSTER_INFO, labels: BOOTSTRAPPING },
    roleRef: { apiGroup: GROUP, kind: 'Role', name: CLUSTER_INFO },
    subjects: [{ apiGroup: GROUP, kind: 'User', name: 'system:anonymous' }],
  },
];

export const PLANE_ROLES: readonly AnyObject[] = [
  // The members' impersonators follow this binding.
  clusterRole('cluster-proxy-admin', [{ apiGroups: ['cluster.karmada.io'], resources: ['clusters/proxy'], verbs: ['*'] }]),
  clusterRoleBinding(
    'cluster-proxy-admin',
    'cluster-proxy-admin',
    { kind: 'User', name: 'system:admin' },
    { kind: 'Group', name: 'system:masters' },
  ),
  clusterRole('karmada-view', overNamespaced(READ), { [`${GROUP}/aggregate-to-view`]: 'true' }),
  clusterRole('karmada-edit', overNamespaced(WRITE), { [`${GROUP}/aggregate-to-edit`]: 'true' }),
  ...clusterInfoReaders,
  clusterRoleBinding('system:karmada:agent-bootstrap', 'system:node-bootstrapper', REGISTERING),
  clusterRole(AUTO_APPROVER, requesting('clusteragent')),
  clusterRoleBinding('system:karmada:agent-autoapprove-bootstrap', AUTO_APPROVER, REGISTERING),
  clusterRole(SELF_AUTO_APPROVER, requesting('selfclusteragent')),
  clusterRoleBinding('system:karmada:agent-autoapprove-certificate-rotation', SELF_AUTO_APPROVER, AGENTS),
  // Not an agent's own: whoever registers a cluster makes the agent's roles as this user, who has a certificate for minutes only.
  clusterRole(RBAC_GENERATOR, [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]),
  clusterRoleBinding(RBAC_GENERATOR, RBAC_GENERATOR, { kind: 'User', name: 'system:karmada:agent:rbac-generator' }),
];
