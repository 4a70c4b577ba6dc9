// Compares the generated schemas with the table of every field of the reference API, where that table is at hand.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { builtInDefinitions, definitions } from './definitions.ts';
import { crdOf } from './generate.ts';
import type { JsonSchema } from './openapi.ts';

const shared = process.env['FLOTILLA_SHARED'] ?? fileURLToPath(new URL('../../shared', import.meta.url));
const dir = join(shared, 'reference/karmada-api');
const crds = [...definitions, ...builtInDefinitions].map(crdOf);

/** `path → type attributes` in the notation of the reference tables. */
function fieldsOf(schema: JsonSchema, path = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    if (path === '' && ['apiVersion', 'kind', 'metadata'].includes(name)) continue;
    const here = path ? `${path}.${name}` : name;
    const isRequired = schema.required?.includes(name) ?? false;
    found.set(here, [typeOf(child), ...(isRequired ? ['required'] : []), ...attributes(child)].join(' '));
    const inner = child.items ?? child;
    for (const [key, value] of fieldsOf(inner, child.items ? `${here}[]` : here)) found.set(key, value);
  }
  return found;
}

function typeOf(schema: JsonSchema): string {
  if (schema['x-kubernetes-int-or-string']) return 'int-or-string';
  if (schema.items) return `[]${typeOf(schema.items)}`;
  if (typeof schema.additionalProperties === 'object') return `map[string]${typeOf(schema.additionalProperties)}`;
  return schema.type ?? 'any';
}

const ATTRIBUTES: Record<string, string> = {
  enum: 'enum',
  default: 'default',
  minimum: 'minimum',
  maximum: 'maximum',
  minLength: 'minLength',
  maxLength: 'maxLength',
  minItems: 'minItems',
  maxItems: 'maxItems',
  pattern: 'pattern',
  format: 'format',
  'x-kubernetes-preserve-unknown-fields': 'preserveUnknown',
  'x-kubernetes-list-type': 'listType',
  'x-kubernetes-list-map-keys': 'listMapKeys',
  'x-kubernetes-map-type': 'mapType',
  'x-kubernetes-int-or-string': 'intOrString',
};

function attributes(schema: JsonSchema): string[] {
  return Object.entries(ATTRIBUTES)
    .filter(([keyword]) => schema[keyword] !== undefined)
    .map(([keyword, name]) => `${name}=${JSON.stringify(schema[keyword])}`)
    .sort();
}

function parseAttributes(text: string): string[] {
  const words: string[] = [];
  const pattern = /(\w+)(=("(?:[^"\\]|\\.)*"|\[[^\]]*\]|\S+))?/g;
  for (const match of text.matchAll(pattern)) {
    const [, name = '', , value] = match;
    words.push(value === undefined ? name : `${name}=${JSON.stringify(JSON.parse(value))}`);
  }
  return [...words.filter(w => w === 'required'), ...words.filter(w => w !== 'required').sort()];
}

function tableOf(file: string): Map<string, string> {
  const rows = readFileSync(join(dir, file), 'utf8').split('\n').slice(1).filter(Boolean);
  return new Map(
    rows.map(row => {
      const [path = '', type = '', words = ''] = row.split('\t');
      return [path, [type, ...parseAttributes(words)].join(' ')];
    }),
  );
}

describe.runIf(existsSync(dir))('the generated schemas beside the reference tables', () => {
  const files = existsSync(dir) ? readdirSync(dir).filter(f => f.endsWith('.tsv')) : [];

  it('cover every kind the tables have', () => {
    const ours = crds.flatMap(crd => crd.spec.versions.map(v => `${crd.metadata.name}.${v.name}.tsv`));
    expect(ours.sort()).toEqual(files.sort());
  });

  it.each(files)('have each field of %s with its type and constraints, and no other', file => {
    const crd = crds.find(c => file.startsWith(`${c.metadata.name}.`));
    const version = crd?.spec.versions.find(v => file.endsWith(`.${v.name}.tsv`));
    expect(Object.fromEntries(fieldsOf(version?.schema.openAPIV3Schema ?? {}))).toEqual(Object.fromEntries(tableOf(file)));
  });

  it('carry the names, columns, subresources and storage versions of the index', () => {
    const index = JSON.parse(readFileSync(join(dir, 'index.json'), 'utf8')) as Record<string, unknown>[];
    const ours = definitions.map(crdOf).flatMap(crd =>
      crd.spec.versions.map(v => ({
        group: crd.spec.group,
        version: v.name,
        kind: crd.spec.names.kind,
        plural: crd.spec.names.plural,
        singular: crd.spec.names.singular,
        shortNames: crd.spec.names.shortNames ?? [],
        categories: crd.spec.names.categories ?? [],
        scope: crd.spec.scope,
        served: v.served,
        storage: v.storage,
        subresources: Object.keys(v.subresources ?? {}),
        printerColumns: v.additionalPrinterColumns ?? [],
        conversion: crd.spec.conversion.strategy,
      })),
    );
    const theirs = index.filter(k => !k['aggregated']).map(({ fields: _, ...k }) => k);
    expect(ours).toEqual(theirs);
  });
});
