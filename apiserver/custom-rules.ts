// The rules of custom kinds with those of metadata, which every kind shares.
import type { FieldError } from '../kube/index.ts';
import { type MetadataRules, metadata, metadataUpdate } from './kinds/metadata.ts';
import type { KindRules } from './registry/index.ts';

/** `rules` judge what lies beside metadata; names are DNS subdomains. */
export function withMetadata(rules: KindRules, scope: 'Namespaced' | 'Cluster' = 'Cluster'): KindRules {
  const own: MetadataRules = { name: 'subdomain', scope, standardFinalizers: false };
  return {
    ...rules,
    validate(object) {
      const faults: FieldError[] = [];
      metadata(faults, object, own);
      return [...faults, ...rules.validate(object)];
    },
    validateUpdate(object, old, subresource) {
      const faults: FieldError[] = [];
      metadataUpdate(faults, object, old);
      return [...faults, ...rules.validateUpdate(object, old, subresource)];
    },
  };
}
