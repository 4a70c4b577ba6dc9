// Defaults of everything that holds a pod specification: pods, templates, and what lies inside them.
import { formatQuantity, isObject, parseQuantity, roundUpQuantity } from '../../../kube/index.ts';
import type { MutableObject } from '../../admission/plugin.ts';
import { ensure, flag, has, inside, mutable, preset, presetText, text } from '../read.ts';

/** Quantities are kept to thousandths at most: finer ones round up. */
export function resourceListDefaults(list: MutableObject | undefined): void {
  if (!list) return;
  for (const [key, value] of Object.entries(list)) {
    if (key === '__proto__' || typeof value !== 'string' || !/[nu.e-]/.test(value)) continue;
    try {
      list[key] = formatQuantity(roundUpQuantity(parseQuantity(value), -3).quantity);
    } catch {
      // Decoding refuses what is no quantity.
    }
  }
}

function resourcesDefaults(resources: MutableObject | undefined): void {
  resourceListDefaults(inside(resources, 'limits'));
  resourceListDefaults(inside(resources, 'requests'));
}

const REFERENCE =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d+)?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::([\w][\w.-]{0,127}))?(@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$/;

/** Image pull policy by tag: `latest`, or neither tag nor digest, is always pulled; so is nothing that is no image at all. */
function pullPolicyOf(image: string): string {
  const found = REFERENCE.exec(image);
  if (!found) return 'IfNotPresent';
  const [, tag, digest] = found;
  return tag === 'latest' || (tag === undefined && digest === undefined) ? 'Always' : 'IfNotPresent';
}

function httpGetDefaults(action: MutableObject | undefined): void {
  if (!action) return;
  presetText(action, 'path', '/');
  presetText(action, 'scheme', 'HTTP');
}

function probeDefaults(probe: MutableObject | undefined): void {
  if (!probe) return;
  for (const [key, value] of [
    ['timeoutSeconds', 1],
    ['periodSeconds', 10],
    ['successThreshold', 1],
    ['failureThreshold', 3],
  ] as const)
    if (!probe[key]) probe[key] = value;
  httpGetDefaults(inside(probe, 'httpGet'));
  const grpc = inside(probe, 'grpc');
  if (grpc) preset(grpc, 'service', '');
}

function containerDefaults(c: MutableObject): void {
  if (text(c, 'imagePullPolicy') === '') c['imagePullPolicy'] = pullPolicyOf(text(c, 'image'));
  presetText(c, 'terminationMessagePath', '/dev/termination-log');
  presetText(c, 'terminationMessagePolicy', 'File');
  for (const port of mutable(c, 'ports')) presetText(port, 'protocol', 'TCP');
  for (const env of mutable(c, 'env')) {
    const ref = inside(inside(env, 'valueFrom'), 'fieldRef');
    if (ref) presetText(ref, 'apiVersion', 'v1');
  }
  for (const key of ['livenessProbe', 'readinessProbe', 'startupProbe']) probeDefaults(inside(c, key));
  const lifecycle = inside(c, 'lifecycle');
  for (const key of ['postStart', 'preStop']) httpGetDefaults(inside(inside(lifecycle, key), 'httpGet'));
  resourcesDefaults(inside(c, 'resources'));
}

function fieldRefDefaults(holder: MutableObject | undefined): void {
  for (const item of holder ? mutable(holder, 'items') : []) {
    const ref = inside(item, 'fieldRef');
    if (ref) presetText(ref, 'apiVersion', 'v1');
  }
}

const WITH_MODE = ['secret', 'configMap', 'downwardAPI', 'projected'] as const;

/** Defaults of a volume source, in a pod or a PersistentVolume. */
export function volumeSourceDefaults(v: MutableObject): void {
  const hostPath = inside(v, 'hostPath');
  if (hostPath) preset(hostPath, 'type', '');
  const iscsi = inside(v, 'iscsi');
  if (iscsi) presetText(iscsi, 'iscsiInterface', 'default');
  const rbd = inside(v, 'rbd');
  if (rbd) {
    presetText(rbd, 'pool', 'rbd');
    presetText(rbd, 'user', 'admin');
    presetText(rbd, 'keyring', '/etc/ceph/keyring');
  }
  const disk = inside(v, 'azureDisk');
  if (disk) {
    preset(disk, 'cachingMode', 'ReadWrite');
    preset(disk, 'kind', 'Shared');
    preset(disk, 'fsType', 'ext4');
    preset(disk, 'readOnly', false);
  }
  const scaleIO = inside(v, 'scaleIO');
  if (scaleIO) {
    presetText(scaleIO, 'storageMode', 'ThinProvisioned');
    presetText(scaleIO, 'fsType', 'xfs');
  }
}

/** Defaults of what a claim asks for: in claims, in ephemeral volumes, in StatefulSets. */
export function claimDefaults(spec: MutableObject): void {
  preset(spec, 'volumeMode', 'Filesystem');
  resourcesDefaults(inside(spec, 'resources'));
  for (const key of ['dataSource', 'dataSourceRef']) {
    const source = inside(spec, key);
    if (source && source['apiGroup'] === '') source['apiGroup'] = null;
  }
}

function volumeDefaults(v: MutableObject): void {
  if (!Object.keys(v).some(key => key !== 'name' && isObject(v[key]))) v['emptyDir'] = {};
  for (const key of WITH_MODE) {
    const source = inside(v, key);
    if (source) preset(source, 'defaultMode', 420);
  }
  fieldRefDefaults(inside(v, 'downwardAPI'));
  const projected = inside(v, 'projected');
  for (const source of projected ? mutable(projected, 'sources') : []) {
    const token = inside(source, 'serviceAccountToken');
    if (token) preset(token, 'expirationSeconds', 3600);
    const certificate = inside(source, 'podCertificate');
    if (certificate) preset(certificate, 'maxExpirationSeconds', 86400);
    fieldRefDefaults(inside(source, 'downwardAPI'));
  }
  const claim = inside(inside(inside(v, 'ephemeral'), 'volumeClaimTemplate'), 'spec');
  if (claim) {
    claimDefaults(claim);
  }
  const image = inside(v, 'image');
  if (image) presetText(image, 'pullPolicy', pullPolicyOf(text(image, 'reference')));
  volumeSourceDefaults(v);
}

/** Defaults shared by pods and pod templates. */
function podSpecDefaults(spec: MutableObject): void {
  presetText(spec, 'dnsPolicy', 'ClusterFirst');
  presetText(spec, 'restartPolicy', 'Always');
  presetText(spec, 'schedulerName', 'default-scheduler');
  preset(spec, 'securityContext', {});
  preset(spec, 'terminationGracePeriodSeconds', 30);
  accountNames(spec);
  for (const v of mutable(spec, 'volumes')) volumeDefaults(v);
  for (const key of ['initContainers', 'containers', 'ephemeralContainers']) for (const c of mutable(spec, key)) containerDefaults(c);
  resourceListDefaults(inside(spec, 'overhead'));
  resourcesDefaults(inside(spec, 'resources'));
}

/** The two spellings of the service account name are one. */
function accountNames(spec: MutableObject): void {
  const name = text(spec, 'serviceAccountName') || text(spec, 'serviceAccount');
  if (name === '') return;
  spec['serviceAccountName'] = name;
  spec['serviceAccount'] = name;
}

/** A pod alone also gets requests from its limits, and service links. */
export function podDefaults(pod: MutableObject): void {
  const spec = ensure(pod, 'spec');
  podSpecDefaults(spec);
  preset(spec, 'enableServiceLinks', true);
  for (const key of ['initContainers', 'containers'])
    for (const c of mutable(spec, key)) {
      requestsFromLimits(inside(c, 'resources'));
      if (flag(spec, 'hostNetwork')) hostPorts(c);
    }
  podRequests(spec);
  const status = ensure(pod, 'status');
  presetText(status, 'phase', 'Pending');
}

/** On the host's network a container's port is the host's. */
function hostPorts(c: MutableObject): void {
  for (const port of mutable(c, 'ports')) if (!port['hostPort'] && port['containerPort']) port['hostPort'] = port['containerPort'];
}

function requestsFromLimits(resources: MutableObject | undefined): void {
  const limits = inside(resources, 'limits');
  if (!resources || !limits) return;
  const requests = ensure(resources, 'requests');
  for (const [key, value] of Object.entries(limits))
    if (!Object.hasOwn(requests, key))
      Object.defineProperty(requests, key, { value, enumerable: true, writable: true, configurable: true });
}

/** Pod-level requests follow pod-level limits where no container states its own. */
function podRequests(spec: MutableObject): void {
  const resources = inside(spec, 'resources');
  if (!resources || !has(resources, 'limits')) return;
  requestsFromLimits(resources);
}

/** Defaults of a pod template. */
export function templateDefaults(template: MutableObject | undefined): void {
  if (!template) return;
  podSpecDefaults(ensure(template, 'spec'));
}
