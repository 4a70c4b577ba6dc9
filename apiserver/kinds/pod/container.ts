// Rules of containers: names, images, ports, environment, mounts.
import { configMapKey, dns1123Label, dns1123Subdomain, portName, portNumber, relaxedEnvVarName } from '../../../kube/index.ts';
import {
  child,
  duplicate,
  fieldNotFound,
  forbiddenField,
  index,
  invalidValue,
  notSupported,
  oneOf,
  required,
  subdomain,
  texts,
} from '../checks.ts';
import { type Faults, flag, has, items, number, type Obj, optional, sub, text } from '../read.ts';
import { fieldPathFaults } from './field-ref.ts';
import { localDescending, noBacksteps } from './local-path.ts';
import { lifecycle, probes } from './probes.ts';
import { containerResources, divisor } from './resources.ts';
import { containerSecurity } from './security.ts';

/** What the rules of one container need to know of its pod. */
export interface PodContext {
  readonly spec: Obj;
  /** Sound volumes by name. */
  readonly volumes: ReadonlyMap<string, Obj>;
}

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

/** spec.containers */
export function containers(faults: Faults, path: string, pod: PodContext): void {
  const list = items(pod.spec, 'containers');
  if (list.length === 0) {
    faults.push(required(path));
    return;
  }
  const names = new Set<string>();
  list.forEach((c, i) => {
    const at = index(path, i);
    containerCommon(faults, at, c, pod);
    uniqueName(faults, at, c, names);
    lifecycle(faults, at, c, pod.spec);
    probes(faults, at, c, pod.spec);
    restartPolicy(faults, at, c);
  });
  hostPortConflicts(faults, path, list);
}

function uniqueName(faults: Faults, at: string, c: Obj, names: Set<string>): void {
  const name = text(c, 'name');
  if (names.has(name)) faults.push(duplicate(child(at, 'name'), name));
  else names.add(name);
}

function restartPolicy(faults: Faults, at: string, c: Obj): void {
  if (has(c, 'restartPolicy')) oneOf(faults, child(at, 'restartPolicy'), text(c, 'restartPolicy'), ['Always', 'Never', 'OnFailure']);
  const rules = items(c, 'restartPolicyRules');
  if (rules.length > 0 && !has(c, 'restartPolicy'))
    faults.push(required(child(at, 'restartPolicy'), 'must specify restartPolicy when restart rules are used'));
}

/** spec.initContainers */
export function initContainers(faults: Faults, path: string, pod: PodContext): void {
  const names = new Set(items(pod.spec, 'containers').map(c => text(c, 'name')));
  items(pod.spec, 'initContainers').forEach((c, i) => {
    const at = index(path, i);
    const sidecar = text(c, 'restartPolicy') === 'Always';
    containerCommon(faults, at, c, pod);
    restartPolicy(faults, at, c);
    const name = text(c, 'name');
    if (name !== '') uniqueName(faults, at, c, names);
    hostPortConflicts(faults, path.replace(/\[\d+\]$/, ''), [c]);
    if (sidecar) {
      lifecycle(faults, at, c, pod.spec);
      probes(faults, at, c, pod.spec);
      return;
    }
    for (const key of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'])
      if (has(c, key)) faults.push(forbiddenField(child(at, key), 'may not be set for init containers without restartPolicy=Always'));
  });
}

/** What a pod may not have, but the template of one may. */
export function paddedImage(faults: Faults, at: string, c: Obj): void {
  const image = text(c, 'image');
  if (image.trim() !== image) faults.push(invalidValue(child(at, 'image'), image, 'must not have leading or trailing whitespace'));
}

const EPHEMERAL_FORBIDDEN = ['ports', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle', 'resources'];

/** spec.ephemeralContainers: their own rules, and names shared with the others. */
export function ephemeralContainers(faults: Faults, path: string, pod: PodContext): void {
  const names = new Set([...items(pod.spec, 'containers'), ...items(pod.spec, 'initContainers')].map(c => text(c, 'name')));
  items(pod.spec, 'ephemeralContainers').forEach((c, i) => {
    const at = index(path, i);
    containerCommon(faults, at, c, pod);
    paddedImage(faults, at, c);
    uniqueName(faults, at, c, names);
    const target = text(c, 'targetContainerName');
    if (target !== '' && !names.has(target)) faults.push(fieldNotFound(child(at, 'targetContainerName'), target));
    for (const key of EPHEMERAL_FORBIDDEN)
      if (key === 'resources' ? Object.keys(sub(c, key)).length > 0 : has(c, key))
        faults.push(forbiddenField(child(at, key), 'cannot be set for an Ephemeral Container'));
    items(c, 'volumeMounts').forEach((m, j) => {
      if (text(m, 'subPath') !== '' || text(m, 'subPathExpr') !== '')
        faults.push(forbiddenField(child(index(child(at, 'volumeMounts'), j), 'subPath'), 'cannot be set for an Ephemeral Container'));
    });
  });
}

function containerCommon(faults: Faults, at: string, c: Obj, pod: PodContext): void {
  const name = text(c, 'name');
  if (name === '') faults.push(required(child(at, 'name')));
  else texts(faults, child(at, 'name'), name, dns1123Label(name));
  const image = text(c, 'image');
  if (image === '') faults.push(required(child(at, 'image')));
  terminationPolicy(faults, at, c);
  ports(faults, child(at, 'ports'), items(c, 'ports'));
  items(c, 'env').forEach((e, i) => {
    environment(faults, index(child(at, 'env'), i), e, pod);
  });
  items(c, 'envFrom').forEach((e, i) => {
    environmentFrom(faults, index(child(at, 'envFrom'), i), e);
  });
  mounts(faults, child(at, 'volumeMounts'), c, pod);
  devices(faults, child(at, 'volumeDevices'), c, pod);
  const policy = text(c, 'imagePullPolicy');
  if (policy === '') faults.push(required(child(at, 'imagePullPolicy')));
  else oneOf(faults, child(at, 'imagePullPolicy'), policy, PULL_POLICIES);
  containerResources(faults, child(at, 'resources'), sub(c, 'resources'), pod.spec);
  resizePolicies(faults, child(at, 'resizePolicy'), c, pod.spec);
  containerSecurity(faults, child(at, 'securityContext'), optional(c, 'securityContext'), pod.spec);
}

function terminationPolicy(faults: Faults, at: string, c: Obj): void {
  const path = child(at, 'terminationMessagePolicy');
  const policy = text(c, 'terminationMessagePolicy');
  if (policy === '') faults.push(required(path));
  else oneOf(faults, path, policy, ['File', 'FallbackToLogsOnError']);
}

function ports(faults: Faults, path: string, list: readonly Obj[]): void {
  const names = new Set<string>();
  list.forEach((p, i) => {
    const at = index(path, i);
    const name = text(p, 'name');
    if (name !== '') {
      const bad = portName(name);
      if (bad.length > 0) texts(faults, child(at, 'name'), name, bad);
      else if (names.has(name)) faults.push(duplicate(child(at, 'name'), name));
      else names.add(name);
    }
    const port = number(p, 'containerPort');
    if (port === 0) faults.push(required(child(at, 'containerPort')));
    else texts(faults, child(at, 'containerPort'), port, portNumber(port));
    const hostPort = number(p, 'hostPort');
    if (hostPort !== 0) texts(faults, child(at, 'hostPort'), hostPort, portNumber(hostPort));
    const protocol = text(p, 'protocol');
    if (protocol === '') faults.push(required(child(at, 'protocol')));
    else oneOf(faults, child(at, 'protocol'), protocol, PROTOCOLS);
  });
}

function hostPortConflicts(faults: Faults, path: string, list: readonly Obj[]): void {
  const taken = new Set<string>();
  list.forEach((c, i) => {
    items(c, 'ports').forEach((p, j) => {
      const port = number(p, 'hostPort');
      if (port === 0) return;
      const key = `${text(p, 'protocol')}/${text(p, 'hostIP')}/${port}`;
      if (taken.has(key)) faults.push(duplicate(child(index(child(index(path, i), 'ports'), j), 'hostPort'), key));
      else taken.add(key);
    });
  });
}

const ENV_SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'] as const;

function environment(faults: Faults, at: string, env: Obj, pod: PodContext): void {
  const name = text(env, 'name');
  if (name === '') faults.push(required(child(at, 'name')));
  else texts(faults, child(at, 'name'), name, relaxedEnvVarName(name));
  const from = optional(env, 'valueFrom');
  if (from) environmentSource(faults, child(at, 'valueFrom'), { from, env, pod });
}

function environmentSource(faults: Faults, path: string, o: { readonly from: Obj; readonly env: Obj; readonly pod: PodContext }): void {
  const set = ENV_SOURCES.filter(key => has(o.from, key));
  for (const key of set) environmentReference(faults, child(path, key), { ...o, key, ref: sub(o.from, key) });
  if (set.length === 0) {
    const choices = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    faults.push(invalidValue(path, '', choices));
  } else if (text(o.env, 'value') !== '') {
    faults.push(invalidValue(path, '', 'may not be specified when `value` is not empty'));
  } else if (set.length > 1) {
    faults.push(invalidValue(path, '', 'may not have more than one field specified at a time'));
  }
}

interface EnvironmentReference {
  readonly key: (typeof ENV_SOURCES)[number];
  readonly ref: Obj;
  readonly pod: PodContext;
}

const ENV_RESOURCES = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

function environmentReference(faults: Faults, path: string, { key, ref, pod }: EnvironmentReference): void {
  if (key === 'fieldRef') fieldPathFaults(faults, path, ref, 'env');
  else if (key === 'resourceFieldRef') resourceFieldRef(faults, path, ref, ENV_RESOURCES);
  else if (key === 'fileKeyRef') fileKeyRef(faults, path, ref, pod);
  else {
    const name = text(ref, 'name');
    texts(faults, child(path, 'name'), name, dns1123Subdomain(name));
    const entry = text(ref, 'key');
    if (entry === '') faults.push(required(child(path, 'key')));
    else texts(faults, child(path, 'key'), entry, configMapKey(entry));
  }
}

function fileKeyRef(faults: Faults, path: string, ref: Obj, pod: PodContext): void {
  const key = text(ref, 'key');
  if (key === '') faults.push(required(child(path, 'key')));
  else texts(faults, child(path, 'key'), key, relaxedEnvVarName(key));
  const name = text(ref, 'volumeName');
  const volume = pod.volumes.get(name);
  if (name === '') faults.push(required(child(path, 'volumeName')));
  else if (!volume) faults.push(fieldNotFound(child(path, 'volumeName'), name));
  else if (!has(volume, 'emptyDir'))
    faults.push(invalidValue(child(path, 'volumeName'), name, 'referenced volume must be of type emptyDir'));
  const file = text(ref, 'path');
  if (file === '') faults.push(required(child(path, 'path')));
  else localDescending(faults, child(path, 'path'), file);
}

/** A reference to a container's resource, with its divisor. */
export function resourceFieldRef(faults: Faults, path: string, ref: Obj, known: readonly string[]): void {
  const resource = text(ref, 'resource');
  if (resource === '') faults.push(required(child(path, 'resource')));
  else if (known.includes(resource) || /^(limits|requests)\.hugepages-/.test(resource)) divisor(faults, path, ref);
  else faults.push(notSupported(child(path, 'resource'), resource, known));
}

function environmentFrom(faults: Faults, at: string, from: Obj): void {
  const prefix = text(from, 'prefix');
  if (prefix !== '') texts(faults, child(at, 'prefix'), prefix, relaxedEnvVarName(prefix));
  const set = ['configMapRef', 'secretRef'].filter(key => has(from, key));
  for (const key of set) {
    const name = text(sub(from, key), 'name');
    const path = child(child(at, key), 'name');
    if (name === '') faults.push(required(path));
    else subdomain(faults, path, name);
  }
  const parent = at.replace(/\[\d+\]$/, '');
  if (set.length === 0) faults.push(invalidValue(parent, '', 'must specify one of: `configMapRef` or `secretRef`'));
  else if (set.length > 1) faults.push(invalidValue(parent, '', 'may not have more than one field specified at a time'));
}

function mounts(faults: Faults, path: string, c: Obj, pod: PodContext): void {
  const points = new Set<string>();
  const devicePaths = new Set(items(c, 'volumeDevices').map(d => text(d, 'devicePath')));
  items(c, 'volumeMounts').forEach((m, i) => {
    const at = index(path, i);
    const name = text(m, 'name');
    if (name === '') faults.push(required(child(at, 'name')));
    if (!pod.volumes.has(name)) faults.push(fieldNotFound(child(at, 'name'), name));
    const point = text(m, 'mountPath');
    if (point === '') faults.push(required(child(at, 'mountPath')));
    if (points.has(point)) faults.push(invalidValue(child(at, 'mountPath'), point, 'must be unique'));
    points.add(point);
    if (items(c, 'volumeDevices').some(d => text(d, 'name') === name))
      faults.push(invalidValue(child(at, 'name'), name, 'must not already exist in volumeDevices'));
    if (devicePaths.has(point))
      faults.push(invalidValue(child(at, 'mountPath'), point, 'must not already exist as a path in volumeDevices'));
    subPaths(faults, at, m);
    propagation(faults, at, m, c);
    recursiveReadOnly(faults, at, m);
  });
}

function subPaths(faults: Faults, at: string, m: Obj): void {
  const subPath = text(m, 'subPath');
  const expression = text(m, 'subPathExpr');
  if (subPath !== '') localDescending(faults, child(at, 'subPath'), subPath);
  if (expression === '') return;
  if (subPath !== '') faults.push(invalidValue(child(at, 'subPathExpr'), expression, 'subPathExpr and subPath are mutually exclusive'));
  localDescending(faults, child(at, 'subPathExpr'), expression);
}

function propagation(faults: Faults, at: string, m: Obj, c: Obj): void {
  if (!has(m, 'mountPropagation')) return;
  const mode = text(m, 'mountPropagation');
  const path = child(at, 'mountPropagation');
  oneOf(faults, path, mode, ['Bidirectional', 'HostToContainer', 'None']);
  if (mode === 'Bidirectional' && !flag(sub(c, 'securityContext'), 'privileged'))
    faults.push(forbiddenField(path, 'Bidirectional mount propagation is available only to privileged containers'));
}

function recursiveReadOnly(faults: Faults, at: string, m: Obj): void {
  if (!has(m, 'recursiveReadOnly')) return;
  const path = child(at, 'recursiveReadOnly');
  const mode = text(m, 'recursiveReadOnly');
  if (mode === 'Disabled') return;
  if (mode !== 'Enabled' && mode !== 'IfPossible') {
    faults.push(notSupported(path, mode, ['Disabled', 'Enabled', 'IfPossible']));
    return;
  }
  if (!flag(m, 'readOnly')) faults.push(forbiddenField(path, 'may only be specified when readOnly is true'));
  const mode2 = text(m, 'mountPropagation');
  if (mode2 !== '' && mode2 !== 'None')
    faults.push(forbiddenField(path, 'may only be specified when mountPropagation is None or not specified'));
}

function devices(faults: Faults, path: string, c: Obj, pod: PodContext): void {
  const names = new Set<string>();
  const paths = new Set<string>();
  items(c, 'volumeDevices').forEach((d, i) => {
    const at = index(path, i);
    const name = text(d, 'name');
    const target = text(d, 'devicePath');
    if (name === '') faults.push(required(child(at, 'name')));
    if (names.has(name)) faults.push(invalidValue(child(at, 'name'), name, 'must be unique'));
    const volume = pod.volumes.get(name);
    if (!volume) faults.push(fieldNotFound(child(at, 'name'), name));
    else if (!has(volume, 'persistentVolumeClaim') && !has(volume, 'ephemeral'))
      faults.push(
        invalidValue(child(at, 'name'), name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'),
      );
    if (target === '') faults.push(required(child(at, 'devicePath')));
    if (paths.has(target)) faults.push(invalidValue(child(at, 'devicePath'), target, 'must be unique'));
    if (target !== '') noBacksteps(faults, child(at, 'devicePath'), target);
    names.add(name);
    paths.add(target);
  });
}

function resizePolicies(faults: Faults, path: string, c: Obj, spec: Obj): void {
  const seen = new Set<string>();
  items(c, 'resizePolicy').forEach((p, i) => {
    const at = index(path, i);
    const resource = text(p, 'resourceName');
    if (seen.has(resource)) faults.push(duplicate(at, resource));
    seen.add(resource);
    if (resource === '') faults.push(required(child(at, 'resourceName')));
    else oneOf(faults, child(at, 'resourceName'), resource, ['cpu', 'memory']);
    const policy = text(p, 'restartPolicy');
    if (policy === '') faults.push(required(child(at, 'restartPolicy')));
    else oneOf(faults, child(at, 'restartPolicy'), policy, ['NotRequired', 'RestartContainer']);
    if (text(spec, 'restartPolicy') === 'Never' && policy !== '' && policy !== 'NotRequired')
      faults.push(invalidValue(child(at, 'restartPolicy'), policy, "must be 'NotRequired' when `restartPolicy` is 'Never'"));
  });
}
