// Creation of every built-in kind: defaults, validation, warnings, as a server answers a dry-run POST.
import { invalid, objectOf, parseApiVersion, stringOf } from '../../../../kube/index.ts';
import type { Suite } from '../../suite.ts';
import { builtinType, clone, dropDuplicateOwners, factsFor, judge, type Plain, refusal, rulesFor, unknownFields, type WriteResult } from './kind-writes.ts';

const NOW = '2026-01-01T00:00:00Z';

async function create(input: Plain): Promise<WriteResult> {
  const object = clone(input['body']) as Plain;
  const [apiVersion, kind] = [stringOf(object['apiVersion']), stringOf(object['kind'])];
  const rules = rulesFor(apiVersion, kind);
  const type = builtinType(apiVersion, kind);
  const facts = factsFor(apiVersion, kind);
  if (!rules || !type) return { code: 0 };
  const unknown = unknownFields(object, type, '');
  const warnings = facts?.deprecated ? [facts.deprecated] : [];
  if (input['fieldValidation'] === 'Warn') warnings.push(...unknown.map(f => `unknown field "${f}"`));
  try {
    const meta = objectOf((object['metadata'] ??= {}));
    const namespace = /\/namespaces\/([^/]+)\//.exec(stringOf(input['path']))?.[1];
    if (namespace && !meta['namespace']) meta['namespace'] = namespace;
    meta['uid'] = '11111111-1111-4111-8111-111111111111';
    meta['creationTimestamp'] = NOW;
    rules.defaults(object);
    rules.prepareCreate?.(object);
    const repeated = dropDuplicateOwners(object);
    if (repeated) warnings.push(repeated);
    const faults = rules.validate(object);
    if (faults.length > 0) throw invalid({ group: facts?.faultGroup ?? parseApiVersion(apiVersion).group, kind, name: stringOf(meta['name']) }, faults);
    warnings.push(...(rules.warnings?.(object) ?? []));
    return { code: 201, object, warnings };
  } catch (error) {
    return { ...refusal(error), warnings };
  }
}

export const suite: Suite = {
  async check(c) {
    return judge(await create(c.in), c.out);
  },
};
