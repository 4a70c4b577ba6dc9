// Update of every built-in kind: what may not change, as a server answers a dry-run PUT.
import { badRequest, invalid, objectOf, parseApiVersion, stringOf } from '../../../../kube/index.ts';
import type { Suite } from '../../suite.ts';
import { builtinType, clone, dropDuplicateOwners, factsFor, judge, type Plain, refusal, rulesFor, unknownFields, type WriteResult } from './kind-writes.ts';

const UID = '<uid>';

function update(input: Plain): WriteResult {
  const object = clone(input['new']) as Plain;
  const old = clone(input['old']) as Plain;
  const [apiVersion, kind] = [stringOf(old['apiVersion']), stringOf(old['kind'])];
  const rules = rulesFor(apiVersion, kind);
  const type = builtinType(apiVersion, kind);
  const facts = factsFor(apiVersion, kind);
  if (!rules || !type) return { code: 0 };
  unknownFields(object, type, '');
  const warnings: string[] = facts?.deprecated ? [facts.deprecated] : [];
  try {
    const meta = objectOf((object['metadata'] ??= {}));
    const was = objectOf(old['metadata']);
    const name = stringOf(input['path']).split('/').at(-1) ?? '';
    if (stringOf(meta['name']) === '') throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
    if (meta['name'] !== name) throw badRequest(`the name of the object (${stringOf(meta['name'])}) does not match the name on the URL (${name})`);
    if (was['namespace']) meta['namespace'] ??= was['namespace'];
    was['uid'] = UID;
    meta['uid'] = UID;
    rules.defaults(object);
    rules.defaults(old);
    if (was['generation'] !== undefined) meta['generation'] = was['generation'];
    rules.prepareUpdate?.(object, old, '');
    const repeated = dropDuplicateOwners(object);
    if (repeated) warnings.push(repeated);
    const faults = rules.validateUpdate(object, old, '');
    if (faults.length > 0) throw invalid({ group: facts?.faultGroup ?? parseApiVersion(apiVersion).group, kind, name: stringOf(meta['name']) }, faults);
    warnings.push(...(rules.warnings?.(object, old) ?? []));
    return { code: 200, object, warnings };
  } catch (error) {
    return { ...refusal(error), warnings };
  }
}

export const suite: Suite = {
  check: c => judge(update(c.in), c.out),
};
