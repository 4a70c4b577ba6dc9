// Ingress, IngressClass, NetworkPolicy, IPAddress, ServiceCIDR.
import {
  equal,
  parseAddress,
  parsePrefix,
  prefixContains,
  prefixWarnings,
  validateAddress,
  validateDomainPrefixedPath,
  validatePrefix,
  validatePrefixLegacy,
  wildcardDNS1123Subdomain,
} from '../../kube/index.ts';
import {
  child,
  forbiddenField,
  IMMUTABLE,
  index,
  invalidValue,
  labelSelector,
  notSupported,
  oneOf,
  required,
  subdomain,
  texts,
  tooLong,
} from './checks.ts';
import type { KindDefinition } from './define.ts';
import { given } from './emptied.ts';
import { dnsLabel, dnsSubdomain, pathSegment, portName, portNumber } from './names.ts';
import { ensure, type Faults, has, inside, items, mutable, number, type Obj, optional, preset, strings, sub, text } from './read.ts';

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];
const BAD_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F'];
const BAD_SUFFIXES = ['/..', '/.'];

export const ingress: KindDefinition = {
  scope: 'Namespaced',
  status: true,
  tracksGeneration: true,
  update: ['meta', 'full'],
  spec(faults, o) {
    const spec = sub(o, 'spec');
    if (items(spec, 'rules').length === 0 && !has(spec, 'defaultBackend'))
      faults.push(invalidValue('spec', given(spec, 'rules'), 'either `defaultBackend` or `rules` must be specified'));
    const backend = optional(spec, 'defaultBackend');
    if (backend) ingressBackend(faults, 'spec.defaultBackend', backend);
    items(spec, 'rules').forEach((r, i) => {
      ingressRule(faults, index('spec.rules', i), r);
    });
    items(spec, 'tls').forEach((t, i) => {
      tls(faults, index('spec.tls', i), t);
    });
    if (has(spec, 'ingressClassName')) subdomain(faults, 'spec.ingressClassName', text(spec, 'ingressClassName'));
    const annotation = sub(sub(o, 'metadata'), 'annotations')[CLASS_ANNOTATION];
    if (!has(sub(o, 'metadata'), 'uid') && typeof annotation === 'string' && has(spec, 'ingressClassName'))
      faults.push(invalidValue(`metadata.annotations`, annotation, 'can not be set when the class field is also set'));
  },
  warnings(o) {
    const annotation = sub(sub(o, 'metadata'), 'annotations')[CLASS_ANNOTATION];
    return typeof annotation === 'string'
      ? [`annotation ${JSON.stringify(CLASS_ANNOTATION)} is deprecated, please use 'spec.ingressClassName' instead`]
      : [];
  },
};

function tls(faults: Faults, at: string, t: Obj): void {
  strings(t, 'hosts').forEach((h, i) => {
    texts(faults, index(child(at, 'hosts'), i), h, h.includes('*') ? wildcardDNS1123Subdomain(h) : dnsSubdomain(h));
  });
  const secret = text(t, 'secretName');
  if (secret !== '') subdomain(faults, child(at, 'secretName'), secret);
}

function ingressRule(faults: Faults, at: string, r: Obj): void {
  const host = text(r, 'host');
  if (host !== '') {
    if (parseAddress(host)) faults.push(invalidValue(child(at, 'host'), host, 'must be a DNS name, not an IP address'));
    texts(faults, child(at, 'host'), host, host.includes('*') ? wildcardDNS1123Subdomain(host) : dnsSubdomain(host));
  }
  const http = optional(r, 'http');
  if (!http) return;
  const path = child(at, 'http.paths');
  const paths = items(http, 'paths');
  if (paths.length === 0) faults.push(required(path));
  paths.forEach((p, i) => {
    ingressPath(faults, index(path, i), p);
  });
}

function ingressPath(faults: Faults, at: string, p: Obj): void {
  const type = text(p, 'pathType');
  const path = text(p, 'path');
  if (type === '') {
    faults.push(required(child(at, 'pathType'), 'pathType must be specified'));
    return;
  }
  if (type === 'Exact' || type === 'Prefix') {
    if (!path.startsWith('/')) faults.push(invalidValue(child(at, 'path'), path, 'must be an absolute path'));
    if (path !== '') {
      for (const bad of BAD_SEQUENCES)
        if (path.includes(bad)) faults.push(invalidValue(child(at, 'path'), path, `must not contain '${bad}'`));
      for (const bad of BAD_SUFFIXES)
        if (path.endsWith(bad)) faults.push(invalidValue(child(at, 'path'), path, `cannot end with '${bad}'`));
    }
  } else if (type === 'ImplementationSpecific') {
    if (path !== '' && !path.startsWith('/')) faults.push(invalidValue(child(at, 'path'), path, 'must be an absolute path'));
  } else faults.push(notSupported(child(at, 'pathType'), type, PATH_TYPES));
  ingressBackend(faults, child(at, 'backend'), sub(p, 'backend'));
}

function ingressBackend(faults: Faults, at: string, backend: Obj): void {
  const service = optional(backend, 'service');
  const resource = optional(backend, 'resource');
  if (resource && service) {
    faults.push(invalidValue(at, '', 'cannot set both resource and service backends'));
    return;
  }
  if (resource) {
    typedReference(faults, child(at, 'resource'), resource);
    return;
  }
  if (!service) {
    faults.push(invalidValue(at, '', 'resource or service backend is required'));
    return;
  }
  const name = text(service, 'name');
  if (name === '') faults.push(required(child(at, 'service.name')));
  else texts(faults, child(at, 'service.name'), name, dnsLabel(name));
  const port = sub(service, 'port');
  const [portText, n] = [text(port, 'name'), number(port, 'number')];
  if (portText !== '' && n !== 0) faults.push(invalidValue(at, '', 'cannot set both port name & port number'));
  else if (portText !== '') texts(faults, child(at, 'service.port.name'), portText, portName(portText));
  else if (n !== 0) texts(faults, child(at, 'service.port.number'), n, portNumber(n));
  else faults.push(required(at, 'port name or number is required'));
}

function typedReference(faults: Faults, at: string, ref: Obj): void {
  if (has(ref, 'apiGroup')) subdomain(faults, child(at, 'apiGroup'), text(ref, 'apiGroup'));
  for (const key of ['kind', 'name']) {
    const value = text(ref, key);
    if (value === '') faults.push(required(child(at, key)));
    else texts(faults, child(at, key), value, pathSegment(value));
  }
}

export const ingressClass: KindDefinition = {
  scope: 'Cluster',
  tracksGeneration: true,
  update: ['meta', 'changes', 'full'],
  defaults(o) {
    const parameters = inside(inside(o, 'spec'), 'parameters');
    if (parameters) preset(parameters, 'scope', 'Cluster');
  },
  spec(faults, o) {
    const spec = sub(o, 'spec');
    const controller = text(spec, 'controller');
    if (controller.length > 250) faults.push(tooLong('spec.controller', 250));
    faults.push(...validateDomainPrefixedPath(controller, 'spec.controller'));
    const parameters = optional(spec, 'parameters');
    if (parameters) classParameters(faults, 'spec.parameters', parameters);
  },
  changes(faults, o, old) {
    const [now, before] = [text(sub(o, 'spec'), 'controller'), text(sub(old, 'spec'), 'controller')];
    if (now !== before) faults.push(invalidValue('spec.controller', now, IMMUTABLE));
  },
};

function classParameters(faults: Faults, at: string, p: Obj): void {
  typedReference(faults, at, p);
  const scope = text(p, 'scope');
  if (!has(p, 'scope')) {
    faults.push(required(child(at, 'scope')));
    return;
  }
  oneOf(faults, child(at, 'scope'), scope, ['Cluster', 'Namespace']);
  const namespace = text(p, 'namespace');
  if (scope === 'Namespace') {
    if (!has(p, 'namespace')) faults.push(required(child(at, 'namespace'), "`parameters.scope` is set to 'Namespace'"));
    else texts(faults, child(at, 'namespace'), namespace, dnsLabel(namespace));
  }
  if (scope === 'Cluster' && has(p, 'namespace'))
    faults.push(forbiddenField(child(at, 'namespace'), "`parameters.scope` is set to 'Cluster'"));
}

export const networkPolicy: KindDefinition = {
  scope: 'Namespaced',
  tracksGeneration: true,
  update: ['meta', 'spec'],
  defaults(o) {
    const spec = ensure(o, 'spec');
    for (const direction of ['ingress', 'egress'])
      for (const rule of mutable(spec, direction)) for (const port of mutable(rule, 'ports')) preset(port, 'protocol', 'TCP');
    if (!has(spec, 'policyTypes')) spec['policyTypes'] = items(spec, 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  },
  spec(faults, o) {
    const spec = sub(o, 'spec');
    labelSelector(faults, 'spec.podSelector', sub(spec, 'podSelector'));
    for (const [direction, peers] of [
      ['ingress', 'from'],
      ['egress', 'to'],
    ] as const)
      items(spec, direction).forEach((rule, i) => {
        policyRule(faults, index(`spec.${direction}`, i), rule, peers);
      });
    const types = strings(spec, 'policyTypes');
    if (types.length > 2) {
      faults.push(invalidValue('spec.policyTypes', types, 'may not specify more than two policyTypes'));
      return;
    }
    types.forEach((t, i) => {
      if (t !== 'Ingress' && t !== 'Egress') faults.push(notSupported(index('spec.policyTypes', i), t, ['Ingress', 'Egress']));
    });
  },
  warnings: o => [...blockWarnings(sub(o, 'spec'), 'ingress', 'from'), ...blockWarnings(sub(o, 'spec'), 'egress', 'to')],
};

const blockWarnings = (spec: Obj, direction: string, peers: string): string[] =>
  items(spec, direction).flatMap((rule, i) =>
    items(rule, peers).flatMap((peer, j) => {
      const block = sub(peer, 'ipBlock');
      const at = `spec.${direction}[${i}].${peers}[${j}].ipBlock`;
      return [
        ...prefixWarnings(text(block, 'cidr'), `${at}.cidr`),
        ...strings(block, 'except').flatMap((e, k) => prefixWarnings(e, `${at}.except[${k}]`)),
      ];
    }),
  );

function policyRule(faults: Faults, at: string, rule: Obj, peers: string): void {
  items(rule, 'ports').forEach((p, i) => {
    policyPort(faults, index(child(at, 'ports'), i), p);
  });
  items(rule, peers).forEach((p, i) => {
    policyPeer(faults, index(child(at, peers), i), p);
  });
}

function policyPort(faults: Faults, at: string, p: Obj): void {
  const protocol = text(p, 'protocol');
  if (has(p, 'protocol') && !['TCP', 'UDP', 'SCTP'].includes(protocol))
    faults.push(notSupported(child(at, 'protocol'), protocol, ['TCP', 'UDP', 'SCTP']));
  const port = p['port'];
  if (typeof port === 'number') {
    texts(faults, child(at, 'port'), port, portNumber(port));
    if (has(p, 'endPort')) {
      const end = number(p, 'endPort');
      if (end < port) faults.push(invalidValue(child(at, 'endPort'), port, 'must be greater than or equal to `port`'));
      texts(faults, child(at, 'endPort'), end, portNumber(end));
    }
  } else if (typeof port === 'string') {
    texts(faults, child(at, 'port'), port, portName(port));
    if (has(p, 'endPort'))
      faults.push(invalidValue(child(at, 'endPort'), number(p, 'endPort'), 'may not be specified when `port` is non-numeric'));
  } else if (has(p, 'endPort'))
    faults.push(invalidValue(child(at, 'endPort'), number(p, 'endPort'), 'may not be specified when `port` is not specified'));
}

function policyPeer(faults: Faults, at: string, p: Obj): void {
  let count = 0;
  for (const key of ['podSelector', 'namespaceSelector']) {
    const selector = optional(p, key);
    if (!selector) continue;
    count++;
    labelSelector(faults, child(at, key), selector);
  }
  const block = optional(p, 'ipBlock');
  if (block) ipBlock(faults, child(at, 'ipBlock'), block);
  if (count === 0 && !block) faults.push(required(at, 'must specify a peer'));
  else if (count > 0 && block) faults.push(forbiddenField(at, 'may not specify both ipBlock and another peer'));
}

function ipBlock(faults: Faults, at: string, b: Obj): void {
  const cidr = text(b, 'cidr');
  if (cidr === '') {
    faults.push(required(child(at, 'cidr')));
    return;
  }
  const bad = validatePrefixLegacy(cidr, child(at, 'cidr'));
  faults.push(...bad);
  if (bad.length > 0) return;
  const whole = parsePrefix(cidr);
  strings(b, 'except').forEach((e, i) => {
    const path = index(child(at, 'except'), i);
    const own = validatePrefixLegacy(e, path);
    faults.push(...own);
    const part = parsePrefix(e);
    if (own.length > 0 || !part || !whole) return;
    if (!(prefixContains(whole, part.address) && part.bits > whole.bits))
      faults.push(invalidValue(path, e, 'must be a strict subset of `cidr`'));
  });
}

export const ipAddress: KindDefinition = {
  scope: 'Cluster',
  name: 'none',
  update: ['full', 'meta', 'changes'],
  spec(faults, o) {
    faults.push(...validateAddress(text(sub(o, 'metadata'), 'name'), 'metadata.name'));
    const ref = optional(sub(o, 'spec'), 'parentRef');
    if (!ref) {
      faults.push(required('spec.parentRef'));
      return;
    }
    for (const key of ['resource', 'name']) if (text(ref, key) === '') faults.push(required(`spec.parentRef.${key}`));
  },
  changes(faults, o, old) {
    if (!equal(o['spec'], old['spec'])) faults.push(invalidValue('spec.parentRef', sub(sub(o, 'spec'), 'parentRef'), IMMUTABLE));
  },
};

export const serviceCIDR: KindDefinition = {
  scope: 'Cluster',
  status: true,
  update: ['meta', 'changes'],
  spec(faults, o) {
    const cidrs = strings(sub(o, 'spec'), 'cidrs');
    if (cidrs.length === 0) faults.push(required('spec.cidrs', 'at least one CIDR required'));
    if (cidrs.length > 2) faults.push(invalidValue('spec', { CIDRs: cidrs }, 'may only hold up to 2 values'));
    cidrs.forEach((c, i) => {
      faults.push(...validatePrefix(c, index('spec.cidrs', i)));
    });
  },
  changes(faults, o, old) {
    if (!equal(o['spec'], old['spec'])) faults.push(invalidValue('spec.cidrs', strings(sub(o, 'spec'), 'cidrs'), IMMUTABLE));
  },
};
