// Rules of a pod specification as a whole, in the order in which the reference tells them.
import { dns1123Label, dns1123Subdomain, qualifiedName, validateAddressLegacy } from '../../../kube/index.ts';
import { child, duplicate, forbiddenField, index, invalidValue, labels, notSupported, required, subdomain, texts } from '../checks.ts';
import { type Faults, flag, has, items, number, type Obj, optional, strings, sub, text } from '../read.ts';
import { containers, ephemeralContainers, initContainers, type PodContext } from './container.ts';
import { overhead, podResources } from './resources.ts';
import { affinity, schedulingGates, spreadConstraints, tolerations } from './scheduling.ts';
import { podSecurity } from './security.ts';
import { volumes } from './volumes.ts';

const MAX_INT32 = 2147483647;

/** Checks a PodSpec at `path`. */
export function podSpec(faults: Faults, path: string, spec: Obj): void {
  const pod: PodContext = { spec, volumes: volumes(faults, child(path, 'volumes'), spec) };
  resourceClaims(faults, child(path, 'resourceClaims'), spec);
  containers(faults, child(path, 'containers'), pod);
  initContainers(faults, child(path, 'initContainers'), pod);
  ephemeralContainers(faults, child(path, 'ephemeralContainers'), pod);
  podResources(faults, child(path, 'resources'), spec);
  policies(faults, path, spec);
  labels(faults, child(path, 'nodeSelector'), spec, 'nodeSelector');
  podSecurity(faults, path, spec);
  affinity(faults, child(path, 'affinity'), optional(spec, 'affinity'));
  dnsConfig(faults, child(path, 'dnsConfig'), spec);
  items(spec, 'readinessGates').forEach((g, i) => {
    const type = text(g, 'conditionType');
    texts(faults, child(index(child(path, 'readinessGates'), i), 'conditionType'), type, qualifiedName(type));
  });
  schedulingGates(faults, child(path, 'schedulingGates'), spec);
  spreadConstraints(faults, child(path, 'topologySpreadConstraints'), spec);
  hostUsers(faults, path, spec);
  namesOf(faults, path, spec);
  tolerations(faults, child(path, 'tolerations'), items(spec, 'tolerations'));
  hostAliases(faults, child(path, 'hostAliases'), spec);
  classes(faults, path, spec);
  overhead(faults, child(path, 'overhead'), spec);
  operatingSystem(faults, child(path, 'os'), spec);
}

function policies(faults: Faults, path: string, spec: Obj): void {
  const restart = text(spec, 'restartPolicy');
  if (restart === '') faults.push(required(child(path, 'restartPolicy')));
  else if (!['Always', 'OnFailure', 'Never'].includes(restart))
    faults.push(notSupported(child(path, 'restartPolicy'), restart, ['Always', 'OnFailure', 'Never']));
  const dns = text(spec, 'dnsPolicy');
  const known = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
  if (dns === '') faults.push(required(child(path, 'dnsPolicy')));
  else if (!known.includes(dns)) faults.push(notSupported(child(path, 'dnsPolicy'), dns, known));
}

function resourceClaims(faults: Faults, path: string, spec: Obj): void {
  const seen = new Set<string>();
  items(spec, 'resourceClaims').forEach((c, i) => {
    const at = index(path, i);
    const name = text(c, 'name');
    if (name === '') faults.push(required(child(at, 'name')));
    else if (seen.has(name)) faults.push(duplicate(child(at, 'name'), name));
    else {
      texts(faults, child(at, 'name'), name, dns1123Label(name));
      seen.add(name);
    }
    const set = ['resourceClaimName', 'resourceClaimTemplateName'].filter(key => has(c, key));
    if (set.length === 0)
      faults.push(invalidValue(at, printableClaim(c), 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'));
    if (set.length > 1)
      faults.push(
        invalidValue(at, printableClaim(c), 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'),
      );
    for (const key of set) subdomain(faults, child(at, key), text(c, key));
  });
}

const printableClaim = (c: Obj): unknown => ({
  Name: text(c, 'name'),
  ResourceClaimName: c['resourceClaimName'] ?? null,
  ResourceClaimTemplateName: c['resourceClaimTemplateName'] ?? null,
});

function dnsConfig(faults: Faults, path: string, spec: Obj): void {
  const config = optional(spec, 'dnsConfig');
  const none = text(spec, 'dnsPolicy') === 'None';
  if (none && (!config || strings(config, 'nameservers').length === 0)) {
    const why = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
    faults.push(config ? required(child(path, 'nameservers'), why) : required(path, why));
    if (!config) return;
  }
  if (!config) return;
  const servers = strings(config, 'nameservers');
  if (servers.length > 3) faults.push(invalidValue(child(path, 'nameservers'), servers, 'must not have more than 3 nameservers'));
  servers.forEach((s, i) => {
    faults.push(...validateAddressLegacy(s, index(child(path, 'nameservers'), i)));
  });
  searches(faults, child(path, 'searches'), strings(config, 'searches'));
  items(config, 'options').forEach((o, i) => {
    if (text(o, 'name') === '') faults.push(required(index(child(path, 'options'), i), 'must not be empty'));
  });
}

const SEARCH = /^_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/;
const SEARCH_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')";

function searches(faults: Faults, path: string, list: readonly string[]): void {
  if (list.length > 32) faults.push(invalidValue(path, list, 'must not have more than 32 search paths'));
  if (list.join(' ').length > 2048)
    faults.push(invalidValue(path, list, 'must not have more than 2048 characters (including spaces) in the search list'));
  list.forEach((s, i) => {
    const bare = s.endsWith('.') && s !== '.' ? s.slice(0, -1) : s;
    if (bare === '.') return;
    if (bare.length > 253) faults.push(invalidValue(index(path, i), s, 'must be no more than 253 characters'));
    if (!SEARCH.test(bare)) faults.push(invalidValue(index(path, i), s, SEARCH_TEXT));
  });
}

function hostUsers(faults: Faults, path: string, spec: Obj): void {
  if (spec['hostUsers'] !== false) return;
  for (const key of ['hostNetwork', 'hostPID', 'hostIPC'])
    if (flag(spec, key)) faults.push(forbiddenField(child(path, key), 'when `hostUsers` is false'));
}

function namesOf(faults: Faults, path: string, spec: Obj): void {
  const account = text(spec, 'serviceAccountName');
  if (account !== '') subdomain(faults, child(path, 'serviceAccountName'), account);
  const node = text(spec, 'nodeName');
  if (node !== '') subdomain(faults, child(path, 'nodeName'), node);
  if (has(spec, 'activeDeadlineSeconds')) {
    const n = number(spec, 'activeDeadlineSeconds');
    if (n < 1 || n > MAX_INT32)
      faults.push(invalidValue(child(path, 'activeDeadlineSeconds'), n, `must be between 1 and ${MAX_INT32}, inclusive`));
  }
  for (const key of ['hostname', 'subdomain']) {
    const value = text(spec, key);
    if (value !== '') texts(faults, child(path, key), value, dns1123Label(value));
  }
  if (has(spec, 'hostnameOverride')) {
    const value = text(spec, 'hostnameOverride');
    texts(faults, child(path, 'hostnameOverride'), value, dns1123Subdomain(value));
    if (flag(spec, 'setHostnameAsFQDN'))
      faults.push(forbiddenField(child(path, 'hostnameOverride'), 'may not be used with setHostnameAsFQDN'));
    if (flag(spec, 'hostNetwork')) faults.push(forbiddenField(child(path, 'hostnameOverride'), 'may not be used with hostNetwork'));
  }
}

function hostAliases(faults: Faults, path: string, spec: Obj): void {
  items(spec, 'hostAliases').forEach((a, i) => {
    faults.push(...validateAddressLegacy(text(a, 'ip'), child(index(path, i), 'ip')));
    strings(a, 'hostnames').forEach((name, j) => {
      texts(faults, index(child(index(path, i), 'hostnames'), j), name, dns1123Subdomain(name));
    });
  });
}

function classes(faults: Faults, path: string, spec: Obj): void {
  const priority = text(spec, 'priorityClassName');
  if (priority !== '') subdomain(faults, child(path, 'priorityClassName'), priority);
  if (has(spec, 'runtimeClassName')) subdomain(faults, child(path, 'runtimeClassName'), text(spec, 'runtimeClassName'));
  if (has(spec, 'preemptionPolicy')) {
    const policy = text(spec, 'preemptionPolicy');
    const known = ['PreemptLowerPriority', 'Never'];
    if (policy === '') faults.push(required(child(path, 'preemptionPolicy')));
    else if (!known.includes(policy)) faults.push(notSupported(child(path, 'preemptionPolicy'), policy, known));
  }
}

const WINDOWS_POD = ['hostNetwork', 'hostPID', 'hostIPC'];
const LINUX_SECURITY = [
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
];
const LINUX_CONTAINER = [
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
];

function operatingSystem(faults: Faults, path: string, spec: Obj): void {
  const os = optional(spec, 'os');
  if (!os) return;
  const name = text(os, 'name');
  if (name === '') faults.push(required(child(path, 'name')));
  else if (name !== 'linux' && name !== 'windows') faults.push(notSupported(path, name, ['linux', 'windows']));
  const parent = path.slice(0, -'.os'.length);
  const foreign = (at: string, o: Obj, keys: readonly string[], other: string): void => {
    for (const key of keys)
      if (has(o, key) && o[key] !== false) faults.push(forbiddenField(child(at, key), `cannot be set for a ${other} pod`));
  };
  if (name === 'windows') {
    foreign(parent, spec, WINDOWS_POD, 'windows');
    foreign(child(parent, 'securityContext'), sub(spec, 'securityContext'), LINUX_SECURITY, 'windows');
  }
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'])
    items(spec, list).forEach((c, i) => {
      const at = child(index(child(parent, list), i), 'securityContext');
      if (name === 'windows') foreign(at, sub(c, 'securityContext'), LINUX_CONTAINER, 'windows');
      if (name === 'linux') foreign(at, sub(c, 'securityContext'), ['windowsOptions'], 'linux');
    });
  if (name === 'linux') foreign(child(parent, 'securityContext'), sub(spec, 'securityContext'), ['windowsOptions'], 'linux');
}
