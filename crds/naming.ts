// Names that Karmada derives from other names (specification/controllers §0.1). Members hold objects under these names,
// so every rule here is a wire format: it never changes.

/** The control plane's own namespace. */
const SYSTEM_NAMESPACE = 'karmada-system';
/** Where cluster secrets and leases live. */
export const CLUSTER_NAMESPACE = 'karmada-cluster';
const EXECUTION_PREFIX = 'karmada-es-';
/** The ServiceAccount that impersonates users in members. */
export const IMPERSONATOR = 'karmada-impersonator';

/** A namespace that belongs to the control plane, where users' objects are never propagated. */
export function isReservedNamespace(namespace: string): boolean {
  return namespace === SYSTEM_NAMESPACE || namespace === CLUSTER_NAMESPACE || namespace.startsWith(EXECUTION_PREFIX);
}

/** The namespace that holds a cluster's Works. */
export function executionSpace(cluster: string): string {
  return EXECUTION_PREFIX + cluster;
}

/** What users read when a Work lies outside an execution space. */
export const NOT_AN_EXECUTION_SPACE = 'the execution space name is in wrong format';

/** The cluster of an execution space; undefined for any other namespace. */
export function clusterOfExecutionSpace(namespace: string): string | undefined {
  return namespace.startsWith(EXECUTION_PREFIX) ? namespace.slice(EXECUTION_PREFIX.length) : undefined;
}

/** Names of RBAC objects may hold colons, names of our objects may not. */
const withoutColons = (name: string): string => name.replaceAll(':', '.');

/** Each code point by itself: no final sigma, no dotted i. */
function lower(text: string): string {
  let result = '';
  for (const c of text) result += c === '\u0130' ? 'i' : c.toLowerCase();
  return result;
}

/** The name of the (Cluster)ResourceBinding of a resource template. */
export function bindingName(kind: string, name: string): string {
  return lower(`${withoutColons(name)}-${kind}`);
}

/** The name of the Work of a resource; no namespace for cluster scope. */
export function workName(kind: string, name: string, namespace = ''): string {
  const own = lower(withoutColons(name));
  const whole = lower(namespace ? `${namespace}-${own}-${kind}` : `${own}-${kind}`);
  return `${own}-${shortHash(whole)}`;
}

/** The suffix of the `depended-by-` label that stands for a binding. */
export function bindingReferenceKey(namespace: string, name: string): string {
  return shortHash(namespace ? `${namespace}/${name}` : name);
}

/** The name of a policy that promotes one resource; `gvk` is its printed group, version and kind. */
export function promotionPolicyName(namespace: string, name: string, gvk: string): string {
  return lower(`${withoutColons(name)}-${shortHash(namespace + gvk)}`);
}

/** `namespace/name`, or `name` without a namespace. */
export function namespacedKey(namespace: string, name: string): string {
  return namespace ? `${namespace}/${name}` : name;
}

/** The control plane's ServiceAccount in a member. */
export const serviceAccountName = (cluster: string): string => `karmada-${cluster}`;
/** The ClusterRole and ClusterRoleBinding of that ServiceAccount. */
export const memberRoleName = (serviceAccount: string): string => `karmada-controller-manager:${serviceAccount}`;
/** The Secret with a member's impersonator token. */
export const impersonatorSecretName = (cluster: string): string => `${cluster}-impersonator`;
/** An EndpointSlice imported from another cluster. */
export const importedEndpointSliceName = (slice: string, cluster: string): string => `imported-${cluster}-${slice}`;
/** The Service that stands for an imported one. */
export const derivedServiceName = (service: string): string => `derived-${service}`;
/** The Service of a cluster's accurate estimator. */
export const estimatorServiceName = (prefix: string, cluster: string): string => `${prefix}-${cluster}`;
/** The Deployment of a cluster's accurate estimator. */
export const estimatorDeploymentName = (cluster: string): string => estimatorServiceName('karmada-scheduler-estimator', cluster);

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** FNV-1a of the UTF-8 bytes, spelled in letters that form no words. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  let result = '';
  for (const digit of String(hash)) result += ALPHABET[digit.charCodeAt(0) % ALPHABET.length];
  return result;
}
