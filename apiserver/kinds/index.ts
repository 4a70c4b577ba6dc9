// The built-in kinds: rules and facts of each, by apiVersion and kind.
import type { KindRules } from '../registry/rules.ts';
import { factsOf, type KindDefinition, type KindFacts, rulesOf } from './define.ts';
import { KINDS } from './table.ts';

export type { KindFacts } from './define.ts';
export { dropDuplicateOwners } from './metadata.ts';
export { type ServiceAllocatorOptions, serviceAllocator } from './service-allocator.ts';

const rules = new Map<string, KindRules>();

function definitionOf(apiVersion: string, kind: string): KindDefinition | undefined {
  const group = Object.hasOwn(KINDS, apiVersion) ? KINDS[apiVersion] : undefined;
  return group && Object.hasOwn(group, kind) ? group[kind] : undefined;
}

/** Defaults, validation and preparation of a built-in kind; undefined for any other. */
export function kindRules(apiVersion: string, kind: string): KindRules | undefined {
  const key = `${apiVersion} ${kind}`;
  const known = rules.get(key);
  if (known) return known;
  const definition = definitionOf(apiVersion, kind);
  if (!definition) return undefined;
  const made = rulesOf(definition, apiVersion, kind);
  rules.set(key, made);
  return made;
}

/** What the generic verbs need to know of a built-in kind; undefined for any other. */
export function kindFacts(apiVersion: string, kind: string): KindFacts | undefined {
  const definition = definitionOf(apiVersion, kind);
  return definition && factsOf(definition);
}
