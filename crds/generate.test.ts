import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { builtInKinds, karmadaCrds } from './documents.ts';
import { generateCrdFiles } from './lazy-generator.ts';
import type { JsonSchema } from './openapi.ts';

const KEYWORDS_KUBERNETES_REFUSES = ['$ref', '$schema', 'definitions', 'patternProperties', 'propertyNames', 'uniqueItems', 'const', 'not'];

/** Why the schema would not be accepted as structural; empty where it would. */
function faults(schema: JsonSchema, path: string): string[] {
  const found = KEYWORDS_KUBERNETES_REFUSES.filter(k => k in schema).map(k => `${path}: ${k}`);
  const open = schema['x-kubernetes-int-or-string'] || schema['x-kubernetes-preserve-unknown-fields'];
  if (!schema.type && !open) found.push(`${path}: no type`);
  if (schema.type === 'array' && !schema.items) found.push(`${path}: no items`);
  if (schema.properties && schema.additionalProperties !== undefined) found.push(`${path}: properties and additionalProperties`);
  if (schema['anyOf'] && !schema['x-kubernetes-int-or-string']) found.push(`${path}: anyOf`);
  for (const [name, child] of Object.entries(schema.properties ?? {})) found.push(...faults(child, `${path}.${name}`));
  if (schema.items) found.push(...faults(schema.items, `${path}[]`));
  if (typeof schema.additionalProperties === 'object') found.push(...faults(schema.additionalProperties, `${path}{}`));
  return found;
}

describe('the generated CRDs', () => {
  it('are on disk as the schemas say', async () => {
    const folder = new URL('./yaml/', import.meta.url);
    const wanted = await generateCrdFiles();
    expect(readdirSync(folder).sort()).toEqual([...wanted.keys()].sort());
    for (const [name, text] of wanted) expect(readFileSync(new URL(name, folder), 'utf8') === text, name).toBe(true);
  });

  it('are structural', () => {
    for (const crd of [...karmadaCrds(), ...builtInKinds()]) {
      for (const v of crd.spec.versions) expect(faults(v.schema.openAPIV3Schema, `${crd.spec.names.kind}/${v.name}`)).toEqual([]);
    }
  });

  it('are nineteen, each with one storage version', () => {
    const crds = karmadaCrds();
    expect(crds).toHaveLength(19);
    for (const crd of crds) expect(crd.spec.versions.filter(v => v.storage)).toHaveLength(1);
  });

  it('give twins the same schema', () => {
    const byKind = new Map(karmadaCrds().map(crd => [crd.spec.names.kind, crd.spec.versions]));
    for (const kind of ['PropagationPolicy', 'OverridePolicy', 'ResourceBinding']) {
      expect(byKind.get(`Cluster${kind}`)).toEqual(byKind.get(kind));
    }
  });

  it('keep the manifests of a Work whole', () => {
    const work = karmadaCrds().find(crd => crd.spec.names.kind === 'Work');
    const spec = work?.spec.versions[0]?.schema.openAPIV3Schema.properties?.['spec'];
    expect(spec?.properties?.['workload']?.properties?.['manifests']?.items).toEqual({
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
    });
  });
});
