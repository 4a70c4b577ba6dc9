// Update of every built-in kind: what may not change, as a server answers a dry-run PUT.

import { builtinAdmission } from '../../../../apiserver/admission/builtin.ts';
import { badRequest, equal, invalid, objectOf, parseApiVersion, simulatedClock, stringOf } from '../../../../kube/index.ts';
import type { Suite } from '../../suite.ts';
import {
  allocate,
  attributesOf,
  clone,
  decoded,
  dropDuplicateOwners,
  factsFor,
  fixedReader,
  judge,
  type Plain,
  refusal,
  rulesFor,
  type WriteResult,
} from './kind-writes.ts';

const UID = '11111111-1111-4111-8111-111111111111';
const NOW = '2026-01-01T00:00:00Z';

/** Placeholders of the recording as values that pass every check, and back. */
const real = (v: unknown): unknown => JSON.parse(JSON.stringify(v).replaceAll('<uid>', UID).replaceAll('<time>', NOW));
const recorded = (v: unknown): unknown => JSON.parse(JSON.stringify(v).replaceAll(UID, '<uid>').replaceAll(NOW, '<time>'));

const plugins = builtinAdmission({ reader: fixedReader, clock: simulatedClock() });

async function update(input: Plain): Promise<WriteResult> {
  const old = clone(input['old']) as Plain;
  const [apiVersion, kind] = [stringOf(old['apiVersion']), stringOf(old['kind'])];
  const rules = rulesFor(apiVersion, kind);
  const facts = factsFor(apiVersion, kind);
  if (!rules) return { code: 0 };
  const warnings: string[] = facts?.deprecated ? [facts.deprecated] : [];
  try {
    const { object } = decoded(input['new'], { apiVersion, kind });
    object['metadata'] ??= {};
    const meta = objectOf(object['metadata']);
    const was = objectOf(old['metadata']);
    const name = stringOf(input['path']).split('/').at(-1) ?? '';
    if (stringOf(meta['name']) === '')
      throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
    if (meta['name'] !== name)
      throw badRequest(`the name of the object (${stringOf(meta['name'])}) does not match the name on the URL (${name})`);
    if (was['namespace']) meta['namespace'] ??= was['namespace'];
    for (const key of ['uid', 'creationTimestamp']) if (meta[key] === undefined || meta[key] === null) meta[key] = was[key];
    rules.defaults(object);
    rules.defaults(old);
    if (was['generation'] !== undefined) meta['generation'] = was['generation'];
    const a = attributesOf(object, { path: stringOf(input['path']), namespace: stringOf(was['namespace']), old });
    for (const plugin of plugins) await plugin.mutate?.(a);
    if (kind === 'Service') allocate(object, old);
    rules.prepareUpdate?.(object, old, '');
    if (kind === 'CustomResourceDefinition' && !equal(object['spec'], old['spec'])) meta['generation'] = Number(was['generation']) + 1;
    const repeated = dropDuplicateOwners(object);
    if (repeated) warnings.push(repeated);
    const faults = rules.validateUpdate(object, old, '');
    if (faults.length > 0)
      throw invalid({ group: facts?.faultGroup ?? parseApiVersion(apiVersion).group, kind, name: stringOf(meta['name']) }, faults);
    warnings.push(...(rules.warnings?.(object, old) ?? []));
    return { code: 200, object, warnings };
  } catch (error) {
    return { ...refusal(error), warnings };
  }
}

export const suite: Suite = {
  async check(c) {
    return judge(recorded(await update(real(c.in) as Plain)) as WriteResult, c.out);
  },
};
