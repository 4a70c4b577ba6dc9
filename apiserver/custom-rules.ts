// The rules of custom kinds with those of metadata, which every kind shares.
import type { FieldError } from '../kube/index.ts';
import { canonicalMetadata } from './kinds/canonical.ts';
import { type MetadataRules, metadata, metadataUpdate, type NameRule } from './kinds/metadata.ts';
import type { KindRules } from './registry/index.ts';

/** What every change is checked for before a kind's own rules are asked. */
const GENERIC = { name: 'segment', standardFinalizers: false } as const;

/** `rules` judge what lies beside metadata, and names too where the name rule is `none`. */
export function withMetadata(rules: KindRules, scope: 'Namespaced' | 'Cluster', name: NameRule = 'subdomain'): KindRules {
  const own: MetadataRules = { name, scope, standardFinalizers: false };
  return {
    ...rules,
    defaults(object) {
      canonicalMetadata(object);
      rules.defaults(object);
    },
    validate(object) {
      const faults: FieldError[] = [];
      metadata(faults, object, own);
      return [...faults, ...rules.validate(object)];
    },
    validateUpdate(object, old, subresource) {
      const faults: FieldError[] = [];
      metadata(faults, object, { scope, ...GENERIC });
      const changed: FieldError[] = [];
      metadataUpdate(changed, object, old);
      // They are told twice, as the reference looks at them twice.
      return [...faults, ...changed, ...changed, ...rules.validateUpdate(object, old, subresource)];
    },
  };
}
