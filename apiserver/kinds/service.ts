// Service: ports, addresses and traffic policies. Addresses and node ports themselves come from the allocator.
import { addressWarnings, equal, prefixWarnings, validateAddress, validateAddressLegacy, validatePrefixLegacy } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { child, duplicate, forbiddenField, index, invalidValue, labels, oneOf, required, subdomain, texts } from './checks.ts';
import type { KindDefinition } from './define.ts';
import { nonSpecial } from './endpoints.ts';
import { printGo } from './go-print.ts';
import { dnsLabel, portName, portNumber, qualifiedName } from './names.ts';
import { ensure, type Faults, has, inside, items, mutable, number, type Obj, preset, presetText, strings, sub, text } from './read.ts';
import { clusterIPFaults, external, headless } from './service-addresses.ts';

const CLUSTER_TYPES = ['ClusterIP', 'NodePort', 'LoadBalancer'];

export const service: KindDefinition = {
  scope: 'Namespaced',
  name: 'label',
  status: true,
  statusFaults(faults, o) {
    if (text(sub(o, 'spec'), 'type') !== 'LoadBalancer' && items(sub(sub(o, 'status'), 'loadBalancer'), 'ingress').length > 0)
      faults.push(forbiddenField('status.loadBalancer.ingress', "may only be used when `spec.type` is 'LoadBalancer'"));
  },
  createOnUpdate: true,
  deleteReply: 'object',
  subresources: ['proxy', 'status'],
  update: ['meta', 'changes', 'spec'],
  defaults: serviceDefaults,
  prepareUpdate: (o, old) => dropForType(ensure(o, 'spec'), sub(old, 'spec')),
  spec(faults, o) {
    topologyAnnotations(faults, sub(sub(o, 'metadata'), 'annotations'));
    serviceSpec(faults, sub(o, 'spec'));
  },
  changes: serviceChanges,
  warnings: serviceWarnings,
};

function serviceDefaults(o: MutableObject): void {
  const spec = ensure(o, 'spec');
  presetText(spec, 'sessionAffinity', 'None');
  if (spec['sessionAffinity'] === 'None') delete spec['sessionAffinityConfig'];
  if (spec['sessionAffinity'] === 'ClientIP') preset(ensure(ensure(spec, 'sessionAffinityConfig'), 'clientIP'), 'timeoutSeconds', 10800);
  presetText(spec, 'type', 'ClusterIP');
  for (const port of mutable(spec, 'ports')) {
    presetText(port, 'protocol', 'TCP');
    const target = port['targetPort'];
    if (target === undefined || target === null || target === 0 || target === '') port['targetPort'] = port['port'] ?? 0;
  }
  if (outside(spec)) presetText(spec, 'externalTrafficPolicy', 'Cluster');
  if (CLUSTER_TYPES.includes(text(spec, 'type'))) preset(spec, 'internalTrafficPolicy', 'Cluster');
  if (text(spec, 'type') === 'LoadBalancer') {
    preset(spec, 'allocateLoadBalancerNodePorts', true);
    for (const ingress of mutable(inside(inside(o, 'status'), 'loadBalancer') ?? {}, 'ingress'))
      if (text(ingress, 'ip') !== '') preset(ingress, 'ipMode', 'VIP');
  }
}

/** Whether traffic comes in from outside the cluster. */
const outside = (spec: Obj): boolean => external(spec) || (text(spec, 'type') === 'ClusterIP' && strings(spec, 'externalIPs').length > 0);

/** Fields of the old type that the new one has no use for go, unless the client changed them. */
function dropForType(spec: MutableObject, was: Obj): void {
  const [type, before] = [text(spec, 'type'), text(was, 'type')];
  const drop = (...keys: readonly string[]): void => {
    for (const key of keys) if (equal(spec[key], was[key])) delete spec[key];
  };
  if (type === 'ExternalName' && before !== 'ExternalName') {
    if (text(spec, 'clusterIP') === text(was, 'clusterIP')) drop('clusterIP', 'clusterIPs');
    drop('ipFamilies', 'ipFamilyPolicy');
  }
  if (external(was) && !external(spec))
    for (const port of mutable(spec, 'ports'))
      if (items(was, 'ports').some(p => number(p, 'nodePort') === number(port, 'nodePort'))) delete port['nodePort'];
  if (outside(was) && !outside(spec)) drop('externalTrafficPolicy');
  if (before === 'LoadBalancer' && type !== 'LoadBalancer')
    drop('allocateLoadBalancerNodePorts', 'loadBalancerClass', 'healthCheckNodePort');
  if (type === 'ExternalName') drop('internalTrafficPolicy');
}

const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints';
const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode';

function topologyAnnotations(faults: Faults, annotations: Obj): void {
  const [hints, mode] = [annotations[TOPOLOGY_HINTS], annotations[TOPOLOGY_MODE]];
  if (hints !== undefined && mode !== undefined && hints !== mode)
    faults.push(
      invalidValue(`metadata.annotations[${TOPOLOGY_MODE}]`, mode, `must match annotations[${TOPOLOGY_HINTS}] when both are specified`),
    );
}

function serviceSpec(faults: Faults, spec: Obj): void {
  const type = text(spec, 'type');
  const ports = items(spec, 'ports');
  const names = new Set<string>();
  if (type !== 'ExternalName' && ports.length === 0 && !headless(spec)) faults.push(required('spec.ports'));
  byType(faults, spec, type);
  ports.forEach((p, i) => {
    servicePort(faults, index('spec.ports', i), p, { named: ports.length > 1, names });
  });
  labels(faults, 'spec.selector', spec, 'selector');
  affinity(faults, spec);
  clusterIPFaults(faults, spec);
  strings(spec, 'externalIPs').forEach((ip, i) => {
    const bad = validateAddress(ip, index('spec.externalIPs', i));
    faults.push(...bad);
    if (bad.length === 0) nonSpecial(faults, index('spec.externalIPs', i), ip);
  });
  if (type === '') faults.push(required('spec.type'));
  else oneOf(faults, 'spec.type', type, ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']);
  nodePortsByType(faults, spec, type);
  uniquePairs(faults, ports);
  loadBalancerFields(faults, spec, type);
  trafficPolicies(faults, spec, type);
}

const NO_ADDRESS = 'may not be set for ExternalName services';

function byType(faults: Faults, spec: Obj, type: string): void {
  if (type === 'LoadBalancer' && headless(spec))
    faults.push(invalidValue('spec.clusterIPs[0]', 'None', "may not be set to 'None' for LoadBalancer services"));
  if (type === 'NodePort' && headless(spec))
    faults.push(invalidValue('spec.clusterIPs[0]', 'None', "may not be set to 'None' for NodePort services"));
  if (type !== 'ExternalName') return;
  if (strings(spec, 'clusterIPs').length > 0) faults.push(forbiddenField('spec.clusterIPs', NO_ADDRESS));
  for (const key of ['ipFamilies', 'ipFamilyPolicy']) if (has(spec, key)) faults.push(forbiddenField(`spec.${key}`, NO_ADDRESS));
  const name = text(spec, 'externalName').replace(/\.$/, '');
  if (name === '') faults.push(required('spec.externalName'));
  else subdomain(faults, 'spec.externalName', name);
}

interface PortContext {
  readonly named: boolean;
  /** Of the ports before it; the port's own is added. */
  readonly names: Set<string>;
}

function servicePort(faults: Faults, at: string, p: Obj, { named, names }: PortContext): void {
  const name = text(p, 'name');
  if (named && name === '') faults.push(required(child(at, 'name')));
  else if (name !== '') {
    texts(faults, child(at, 'name'), name, dnsLabel(name));
    if (names.has(name)) faults.push(duplicate(child(at, 'name'), name));
    names.add(name);
  }
  texts(faults, child(at, 'port'), number(p, 'port'), portNumber(number(p, 'port')));
  const protocol = text(p, 'protocol');
  if (protocol === '') faults.push(required(child(at, 'protocol')));
  else oneOf(faults, child(at, 'protocol'), protocol, ['SCTP', 'TCP', 'UDP']);
  const target = p['targetPort'] ?? 0;
  if (typeof target === 'string') texts(faults, child(at, 'targetPort'), target, portName(target));
  else texts(faults, child(at, 'targetPort'), target, portNumber(number(p, 'targetPort')));
  if (has(p, 'appProtocol')) texts(faults, child(at, 'appProtocol'), text(p, 'appProtocol'), qualifiedName(text(p, 'appProtocol')));
}

/** No two ports share number and protocol. */
function uniquePairs(faults: Faults, ports: readonly Obj[]): void {
  const pairs = new Set<string>();
  ports.forEach((p, i) => {
    const key = `${number(p, 'port')}/${text(p, 'protocol')}`;
    const bare = { protocol: p['protocol'], port: p['port'], targetPort: 0 };
    if (pairs.has(key)) faults.push(duplicate(index('spec.ports', i), printGo('ServicePort', bare)));
    pairs.add(key);
  });
}

function affinity(faults: Faults, spec: Obj): void {
  const path = 'spec.sessionAffinity';
  const kind = text(spec, 'sessionAffinity');
  if (kind === '') faults.push(required(path));
  else oneOf(faults, path, kind, ['ClientIP', 'None']);
  const config = sub(sub(spec, 'sessionAffinityConfig'), 'clientIP');
  if (kind === 'ClientIP') {
    const seconds = number(config, 'timeoutSeconds');
    if (!has(config, 'timeoutSeconds')) faults.push(required('spec.sessionAffinityConfig', 'when session affinity type is ClientIP'));
    else if (seconds <= 0 || seconds > 86400)
      faults.push(
        invalidValue('spec.sessionAffinityConfig.clientIP.timeoutSeconds', seconds, 'must be greater than 0 and less than 86400'),
      );
  } else if (kind === 'None' && has(spec, 'sessionAffinityConfig'))
    faults.push(forbiddenField('spec.sessionAffinityConfig', 'must not be set when session affinity is None'));
}

function nodePortsByType(faults: Faults, spec: Obj, type: string): void {
  if (type === 'ClusterIP')
    items(spec, 'ports').forEach((p, i) => {
      if (number(p, 'nodePort') !== 0)
        faults.push(forbiddenField(child(index('spec.ports', i), 'nodePort'), "may not be used when `type` is 'ClusterIP'"));
    });
  const seen = new Set<string>();
  items(spec, 'ports').forEach((p, i) => {
    const port = number(p, 'nodePort');
    if (port === 0) return;
    const key = `${text(p, 'protocol')}/${port}`;
    if (seen.has(key)) faults.push(duplicate(child(index('spec.ports', i), 'nodePort'), port));
    seen.add(key);
  });
}

function loadBalancerFields(faults: Faults, spec: Obj, type: string): void {
  const only = "may only be used when `type` is 'LoadBalancer'";
  const ranges = strings(spec, 'loadBalancerSourceRanges');
  if (ranges.length > 0 && type !== 'LoadBalancer') faults.push(forbiddenField('spec.LoadBalancerSourceRanges', only));
  if (type === 'LoadBalancer')
    ranges.forEach((r, i) => {
      faults.push(...validatePrefixLegacy(r.trim(), index('spec.LoadBalancerSourceRanges', i)));
    });
  if (has(spec, 'allocateLoadBalancerNodePorts') && type !== 'LoadBalancer')
    faults.push(forbiddenField('spec.allocateLoadBalancerNodePorts', only));
  balancerClass(faults, spec);
}

function balancerClass(faults: Faults, spec: Obj): void {
  if (!has(spec, 'loadBalancerClass')) return;
  const [path, name] = ['spec.loadBalancerClass', text(spec, 'loadBalancerClass')];
  if (text(spec, 'type') === 'LoadBalancer') texts(faults, path, name, qualifiedName(name));
  else faults.push(forbiddenField(path, "may only be used when `type` is 'LoadBalancer'"));
}

function trafficPolicies(faults: Faults, spec: Obj, type: string): void {
  const path = 'spec.externalTrafficPolicy';
  const outside = external(spec) || (type === 'ClusterIP' && strings(spec, 'externalIPs').length > 0);
  const policy = text(spec, 'externalTrafficPolicy');
  if (!outside && policy !== '') faults.push(invalidValue(path, policy, 'may only be set for externally-accessible services'));
  else if (outside && policy === '') faults.push(required(path));
  else if (policy !== '') oneOf(faults, path, policy, ['Cluster', 'Local']);
  const health = number(spec, 'healthCheckNodePort');
  if (health !== 0 && !(type === 'LoadBalancer' && policy === 'Local'))
    faults.push(
      invalidValue(
        'spec.healthCheckNodePort',
        health,
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ),
    );
  if (has(spec, 'internalTrafficPolicy'))
    oneOf(faults, 'spec.internalTrafficPolicy', text(spec, 'internalTrafficPolicy'), ['Cluster', 'Local']);
  else if (CLUSTER_TYPES.includes(type)) faults.push(required('spec.internalTrafficPolicy'));
  if (has(spec, 'trafficDistribution')) {
    const known = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
    oneOf(faults, 'spec.trafficDistribution', text(spec, 'trafficDistribution'), known);
  }
}

function serviceChanges(faults: Faults, o: Obj, old: Obj): void {
  const [spec, was] = [sub(o, 'spec'), sub(old, 'spec')];
  if (text(spec, 'type') !== 'ExternalName' && text(was, 'type') !== 'ExternalName') addressChanges(faults, spec, was);
  if (
    text(was, 'type') === 'LoadBalancer' &&
    text(spec, 'type') === 'LoadBalancer' &&
    !equal(spec['loadBalancerClass'], was['loadBalancerClass'])
  )
    faults.push(invalidValue('spec.loadBalancerClass', spec['loadBalancerClass'] ?? null, 'may not change once set'));
  // Told again with the rest.
  balancerClass(faults, spec);
}

function addressChanges(faults: Faults, spec: Obj, was: Obj): void {
  const [now, before] = [strings(spec, 'clusterIPs'), strings(was, 'clusterIPs')];
  const sound = now[0] === undefined || now[0] === 'None' || validateAddressLegacy(now[0], '').length === 0;
  if (sound && before.length > 0 && before[0] !== now[0])
    faults.push(invalidValue('spec.clusterIPs[0]', now.length > 0 ? now : null, 'may not change once set'));
  const [families, oldFamilies] = [strings(spec, 'ipFamilies'), strings(was, 'ipFamilies')];
  if (oldFamilies.length > 0 && families.length > 0 && families[0] !== oldFamilies[0])
    faults.push(invalidValue('spec.ipFamilies[0]', families, 'may not change once set'));
}

function serviceWarnings(o: Obj): string[] {
  const spec = sub(o, 'spec');
  const out: string[] = [];
  const ips = strings(spec, 'externalIPs');
  const named = text(spec, 'type') === 'ExternalName';
  if (Object.hasOwn(sub(sub(o, 'metadata'), 'annotations'), TOPOLOGY_HINTS))
    out.push(`annotation ${TOPOLOGY_HINTS} is deprecated, please use ${TOPOLOGY_MODE} instead`);
  if (!named && !headless(spec))
    strings(spec, 'clusterIPs').forEach((ip, i) => {
      out.push(...addressWarnings(ip, `spec.clusterIPs[${i}]`));
    });
  if (headless(spec)) {
    if (text(spec, 'loadBalancerIP') !== '') out.push('spec.loadBalancerIP is ignored for headless services');
    if (ips.length > 0) out.push('spec.externalIPs is ignored for headless services');
    if (text(spec, 'sessionAffinity') !== 'None' && text(spec, 'sessionAffinity') !== '')
      out.push('spec.SessionAffinity is ignored for headless services');
  }
  ips.forEach((ip, i) => {
    out.push(...addressWarnings(ip, `spec.externalIPs[${i}]`));
  });
  if (ips.length > 0 && !headless(spec) && !named)
    out.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters');
  out.push(...addressWarnings(text(spec, 'loadBalancerIP'), 'spec.loadBalancerIP'));
  strings(spec, 'loadBalancerSourceRanges').forEach((range, i) => {
    out.push(...prefixWarnings(range, `spec.loadBalancerSourceRanges[${i}]`));
  });
  if (named && ips.length > 0) out.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  if (!named && text(spec, 'externalName') !== '') out.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  if (text(spec, 'trafficDistribution') === 'PreferClose')
    out.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  return out;
}
