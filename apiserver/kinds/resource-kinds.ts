// Kinds of resource.k8s.io: DeviceClass, ResourceClaim, ResourceClaimTemplate, ResourceSlice.
import { equal } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { child, duplicate, IMMUTABLE, index, invalidValue, oneOf, required, subdomain, texts } from './checks.ts';
import type { KindDefinition } from './define.ts';
import { metadata, metadataUpdate } from './metadata.ts';
import { dnsLabel } from './names.ts';
import { ensure, type Faults, has, inside, items, mutable, number, type Obj, optional, presetText, sub, text } from './read.ts';

function requestDefaults(spec: MutableObject | undefined): void {
  const devices = inside(spec, 'devices');
  for (const request of devices ? mutable(devices, 'requests') : []) {
    const exactly = inside(request, 'exactly');
    for (const r of exactly ? [exactly, ...mutable(request, 'firstAvailable')] : mutable(request, 'firstAvailable')) {
      presetText(r, 'allocationMode', 'ExactCount');
      if (r['allocationMode'] === 'ExactCount' && number(r, 'count') === 0) r['count'] = 1;
      for (const t of mutable(r, 'tolerations')) presetText(t, 'operator', 'Equal');
    }
  }
}

function claimSpec(faults: Faults, path: string, spec: Obj): void {
  const devices = sub(spec, 'devices');
  const names = new Set<string>();
  items(devices, 'requests').forEach((r, i) => {
    const at = index(child(path, 'devices.requests'), i);
    const name = text(r, 'name');
    if (name === '') faults.push(required(child(at, 'name')));
    else texts(faults, child(at, 'name'), name, dnsLabel(name));
    if (names.has(name)) faults.push(duplicate(child(at, 'name'), name));
    names.add(name);
    const exactly = optional(r, 'exactly');
    const first = items(r, 'firstAvailable');
    if (!exactly && first.length === 0) faults.push(required(at, 'exactly one of `exactly` or `firstAvailable` is required'));
    if (exactly && first.length > 0)
      faults.push(invalidValue(at, null, 'exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set'));
    if (exactly) deviceRequest(faults, child(at, 'exactly'), exactly);
    first.forEach((f, j) => {
      deviceRequest(faults, index(child(at, 'firstAvailable'), j), f);
    });
  });
}

function deviceRequest(faults: Faults, at: string, r: Obj): void {
  const className = text(r, 'deviceClassName');
  if (className === '') faults.push(required(child(at, 'deviceClassName')));
  else subdomain(faults, child(at, 'deviceClassName'), className);
  const mode = text(r, 'allocationMode');
  oneOf(faults, child(at, 'allocationMode'), mode, ['All', 'ExactCount']);
  if (mode === 'ExactCount' && number(r, 'count') <= 0)
    faults.push(invalidValue(child(at, 'count'), number(r, 'count'), 'must be greater than zero'));
  if (mode === 'All' && number(r, 'count') !== 0)
    faults.push(invalidValue(child(at, 'count'), number(r, 'count'), "must not be specified when allocationMode is 'All'"));
}

export const deviceClass: KindDefinition = {
  scope: 'Cluster',
  tracksGeneration: true,
  deleteReply: 'object',
  update: ['metadata', 'meta', 'spec'],
  spec(faults, o) {
    items(sub(o, 'spec'), 'selectors').forEach((s, i) => {
      if (!has(s, 'cel')) faults.push(required(child(index('spec.selectors', i), 'cel')));
    });
  },
};

export const resourceClaim: KindDefinition = {
  scope: 'Namespaced',
  status: true,
  deleteReply: 'object',
  subresources: ['binding', 'status'],
  update: ['changes'],
  defaults: o => requestDefaults(inside(o, 'spec')),
  spec: (faults, o) => claimSpec(faults, 'spec', sub(o, 'spec')),
  changes(faults, o, old, subresource) {
    if (subresource !== 'status') metadata(faults, o, CLAIM_METADATA);
    metadataUpdate(faults, o, old);
    if (!equal(o['spec'], old['spec'])) faults.push(invalidValue('spec', o['spec'], IMMUTABLE));
  },
};

const CLAIM_METADATA = { name: 'subdomain', scope: 'Namespaced', standardFinalizers: true } as const;

export const resourceClaimTemplate: KindDefinition = {
  scope: 'Namespaced',
  deleteReply: 'object',
  update: ['full', 'meta', 'changes'],
  defaults: o => requestDefaults(inside(ensure(o, 'spec'), 'spec')),
  spec: (faults, o) => claimSpec(faults, 'spec.spec', sub(sub(o, 'spec'), 'spec')),
  changes(faults, o, old) {
    if (!equal(o['spec'], old['spec'])) faults.push(invalidValue('spec', o['spec'], IMMUTABLE));
  },
};

const NODE_CHOICES = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'];

export const resourceSlice: KindDefinition = {
  scope: 'Cluster',
  tracksGeneration: true,
  deleteReply: 'object',
  update: ['meta', 'changes', 'spec'],
  spec(faults, o) {
    const spec = sub(o, 'spec');
    const driver = text(spec, 'driver');
    if (driver === '') faults.push(required('spec.driver'));
    else subdomain(faults, 'spec.driver', driver);
    const pool = sub(spec, 'pool');
    if (text(pool, 'name') === '') faults.push(required('spec.pool.name'));
    if (number(pool, 'resourceSliceCount') <= 0)
      faults.push(invalidValue('spec.pool.resourceSliceCount', number(pool, 'resourceSliceCount'), 'must be greater than zero'));
    if (number(pool, 'generation') < 0)
      faults.push(invalidValue('spec.pool.generation', number(pool, 'generation'), 'must be greater than or equal to zero'));
    const set = NODE_CHOICES.filter(key => has(spec, key));
    if (set.length === 0)
      faults.push(required('spec', 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'));
    if (set.length > 1)
      faults.push(
        invalidValue(
          'spec',
          `{${set.join(', ')}}`,
          'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set',
        ),
      );
    const names = new Set<string>();
    items(spec, 'devices').forEach((d, i) => {
      const at = child(index('spec.devices', i), 'name');
      texts(faults, at, text(d, 'name'), dnsLabel(text(d, 'name')));
      if (names.has(text(d, 'name'))) faults.push(duplicate(at, text(d, 'name')));
      names.add(text(d, 'name'));
    });
  },
  changes(faults, o, old) {
    for (const key of ['driver', 'nodeName'])
      if (!equal(sub(o, 'spec')[key], sub(old, 'spec')[key]))
        faults.push(invalidValue(`spec.${key}`, sub(o, 'spec')[key] ?? null, IMMUTABLE));
    if (text(sub(sub(o, 'spec'), 'pool'), 'name') !== text(sub(sub(old, 'spec'), 'pool'), 'name'))
      faults.push(invalidValue('spec.pool.name', text(sub(sub(o, 'spec'), 'pool'), 'name'), IMMUTABLE));
  },
};
