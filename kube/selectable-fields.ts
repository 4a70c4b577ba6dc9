// Which fields a list may be selected by, by resource, and what an object holds there.
import { readFileSync } from 'node:fs';
import type { FieldSelector } from './field-selector.ts';
import { at } from './json.ts';
import type { KubeObject } from './object.ts';

export interface SelectableFields {
  /** Why a selector is refused: the message of a 400; undefined if it is accepted. */
  refusal(selector: FieldSelector): string | undefined;
  /** Whether an object matches an accepted selector. */
  matches(selector: FieldSelector, object: KubeObject): boolean;
}

interface Facts {
  readonly fields: readonly string[];
  readonly refusal: string;
}

const OTHERS: Facts = {
  fields: ['metadata.name', 'metadata.namespace'],
  refusal: '"%s" is not a known field selector: only "metadata.name", "metadata.namespace"',
};

let table: Map<string, Facts> | undefined;

function factsOf(apiVersion: string, plural: string): Facts {
  table ??= new Map(
    Object.entries(JSON.parse(readFileSync(new URL('./facts/status-fields.json', import.meta.url), 'utf8')) as Record<string, Facts>),
  );
  return table.get(`${apiVersion} ${plural}`) ?? OTHERS;
}

/** The fields of a built-in resource; resources without fields of their own know name and namespace. */
export function fieldSelectorOf(apiVersion: string, plural: string): SelectableFields {
  const facts = factsOf(apiVersion, plural);
  return selectable(new Set(facts.fields), facts.refusal, (object, field) => builtinField(object, field));
}

/** The fields of a custom resource: `paths` are the JSON paths of its version's selectableFields (`.spec.color`). */
export function customFieldSelector(o: { readonly namespaced: boolean; readonly paths: readonly string[] }): SelectableFields {
  const known = ['metadata.name', ...(o.namespaced ? ['metadata.namespace'] : []), ...o.paths.map(path => path.replace(/^\./, ''))];
  return selectable(new Set(known), 'field label not supported: %s', (object, field) => text(at(object, ...field.split('.'))));
}

function selectable(known: ReadonlySet<string>, message: string, get: (object: KubeObject, field: string) => string): SelectableFields {
  return {
    refusal(selector) {
      const unknown = selector.requirements.find(r => !known.has(r.field));
      return unknown && message.replace('%s', () => unknown.field);
    },
    matches: (selector, object) => selector.matches(field => get(object, field)),
  };
}

const text = (value: unknown): string => (typeof value === 'object' || value === undefined ? '' : String(value));

/** Where a field's name is no path into the object. Both event APIs read the same objects. */
const ALIASES: ReadonlyMap<string, readonly string[]> = new Map([
  ['spec.host', ['spec.nodeName']],
  ['source', ['source.component', 'deprecatedSource.component', 'reportingComponent', 'reportingController']],
  ['reportingComponent', ['reportingComponent', 'reportingController']],
  ['reportingController', ['reportingController', 'reportingComponent']],
  ['status.successful', ['status.succeeded']],
  ['status.podIPs', []],
]);

/** What an unset field counts as. */
const ZERO: ReadonlyMap<string, string> = new Map([
  ['spec.unschedulable', 'false'],
  ['spec.hostNetwork', 'false'],
  ['status.replicas', '0'],
  ['status.successful', '0'],
]);

function builtinField(object: KubeObject, field: string): string {
  const [first = '', ...rest] = field.split('.');
  const swapped = first === 'involvedObject' ? ['regarding', ...rest] : first === 'regarding' ? ['involvedObject', ...rest] : undefined;
  const paths = ALIASES.get(field)?.map(path => path.split('.')) ?? [[first, ...rest], ...(swapped ? [swapped] : [])];
  for (const path of paths) {
    const value = text(at(object, ...path));
    if (value !== '') return value;
  }
  return ZERO.get(field) ?? '';
}
