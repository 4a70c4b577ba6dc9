// Pods made from templates, and the names of templates by their content.
import { createHash } from 'node:crypto';
import { equal, type KubeObject } from '../../kube/index.ts';
import type { Pod, PodTemplateSpec } from '../kinds.ts';
import { ownedBy } from '../owners.ts';

export const TEMPLATE_HASH = 'pod-template-hash';

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const HASH_LENGTH = 10;

/** A short name for a template; `collisions` makes another one where two templates share it. */
export function templateHash(template: unknown, collisions = 0): string {
  const digest = createHash('sha256').update(sortedJson(template)).update(String(collisions)).digest();
  return Array.from(digest.subarray(0, HASH_LENGTH), byte => ALPHABET[byte % ALPHABET.length]).join('');
}

function sortedJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  const entries = Object.entries(value).filter(([, v]) => v !== undefined && v !== null);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => `${JSON.stringify(k)}:${sortedJson(v)}`)
    .join(',')}}`;
}

/** Equal but for the label that names the template. */
export function sameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return equal(withoutHash(a), withoutHash(b));
}

function withoutHash(t: PodTemplateSpec): unknown {
  const labels = { ...t.metadata?.labels };
  delete labels[TEMPLATE_HASH];
  return { ...t, metadata: { annotations: t.metadata?.annotations ?? {}, labels } };
}

export interface PodIdentity {
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A pod of a template that `owner` controls. */
export function podFrom(template: PodTemplateSpec, owner: KubeObject, identity: PodIdentity = {}): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(identity.name ? { name: identity.name } : { generateName: generatedFrom(owner.metadata.name ?? '') }),
      namespace: owner.metadata.namespace ?? '',
      labels: { ...labels, ...identity.labels },
      annotations: { ...annotations, ...identity.annotations },
      ...(finalizers ? { finalizers } : {}),
      ownerReferences: [ownedBy(owner)],
    },
    spec: { ...template.spec, containers: template.spec?.containers ?? [] },
  };
}

/** The longest name that storage takes. */
const LONGEST_NAME = 253;

/** An owner whose name leaves no room for the dash has pods without it. */
function generatedFrom(owner: string): string {
  return owner.length < LONGEST_NAME ? `${owner}-` : owner;
}
