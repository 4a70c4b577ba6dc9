// CustomResourceDefinition as a kind of the registry.
import { listOf, objectOf, stringOf } from '../../kube/index.ts';
import { crdRuleChecking } from '../cel/check-rules.ts';
import type { KindRules } from '../registry/rules.ts';
import { defaultCrd, prepareCrdCreate, prepareCrdUpdate, storeStorageVersion } from './default-crd.ts';
import { versionsOf } from './internal-form.ts';
import { isRecognisedFormat } from './schema.ts';
import { validateCrd } from './validate-crd.ts';

export const crdRules: KindRules = {
  defaults: defaultCrd,
  prepareCreate: prepareCrdCreate,
  prepareUpdate(crd, old, subresource) {
    if (subresource !== 'status') prepareCrdUpdate(crd, old);
    else {
      crd['spec'] = old['spec'];
      storeStorageVersion(crd);
    }
  },
  validate: crd => validateCrd(crd, undefined, crdRuleChecking),
  validateUpdate: (crd, old) => validateCrd(crd, old, crdRuleChecking),
  warnings(crd, old) {
    const before = new Set(old ? unknownFormats(old) : []);
    return unknownFormats(crd)
      .filter(f => !before.has(f))
      .map(f => `unrecognized format ${JSON.stringify(f)}`);
  },
};

/** Formats in any schema that nothing enforces, each once. */
function unknownFormats(crd: Readonly<Record<string, unknown>>): string[] {
  const found = new Set<string>();
  const visit = (raw: unknown): void => {
    const s = objectOf(raw);
    const format = stringOf(s['format']);
    if (format && !isRecognisedFormat(format)) found.add(format);
    for (const key of ['items', 'additionalProperties', 'not']) if (s[key]) visit(s[key]);
    for (const key of ['allOf', 'anyOf', 'oneOf']) for (const inner of listOf(s[key])) visit(inner);
    for (const inner of Object.values(objectOf(s['properties']))) visit(inner);
  };
  for (const v of versionsOf(objectOf(crd['spec']))) visit(objectOf(v['schema'])['openAPIV3Schema']);
  return [...found].sort();
}
