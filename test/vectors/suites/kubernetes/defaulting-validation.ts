// Creation of every built-in kind: defaults, admission, validation, warnings, as a server answers a dry-run POST.
import { builtinAdmission } from '../../../../apiserver/admission/builtin.ts';
import { invalid, objectOf, parseApiVersion, simulatedClock, stringOf } from '../../../../kube/index.ts';
import type { Suite } from '../../suite.ts';
import {
  allocate,
  attributesOf,
  decoded,
  dropDuplicateOwners,
  factsFor,
  fixedReader,
  judge,
  type Plain,
  refusal,
  rulesFor,
  strictRefusal,
  type WriteResult,
} from './kind-writes.ts';

const NOW = '2026-01-01T00:00:00Z';

const plugins = builtinAdmission({ reader: fixedReader, clock: simulatedClock() });
async function create(input: Plain): Promise<WriteResult> {
  const body = input['body'] as Plain;
  const [apiVersion, kind] = [stringOf(body['apiVersion']), stringOf(body['kind'])];
  const rules = rulesFor(apiVersion, kind);
  const facts = factsFor(apiVersion, kind);
  if (!rules) return { code: 0 };
  const path = stringOf(input['path']);
  const warnings = facts?.deprecated ? [facts.deprecated] : [];
  try {
    const { object, notes } = decoded(body, { apiVersion, kind });
    if (input['fieldValidation'] === 'Strict' && notes.length > 0) throw strictRefusal({ apiVersion, kind }, notes);
    if (input['fieldValidation'] === 'Warn') warnings.push(...notes);
    object['metadata'] ??= {};
    const meta = objectOf(object['metadata']);
    const namespace = /\/namespaces\/([^/]+)\//.exec(path)?.[1] ?? '';
    if (namespace && !meta['namespace']) meta['namespace'] = namespace;
    rules.defaults(object);
    const repeated = dropDuplicateOwners(object);
    if (repeated) warnings.push(repeated);
    const a = attributesOf(object, { path, namespace });
    for (const plugin of plugins) await plugin.mutate?.(a);
    if (kind === 'Service') allocate(object);
    const name = stringOf(meta['name']);
    meta['uid'] = '11111111-1111-4111-8111-111111111111';
    meta['creationTimestamp'] = NOW;
    rules.prepareCreate?.(object);
    if (kind === 'CustomResourceDefinition') meta['generation'] = 1;
    const faults = rules.validate(object);
    const group = facts?.faultGroup ?? parseApiVersion(apiVersion).group;
    if (faults.length > 0) throw invalid({ group, kind, name }, faults);
    warnings.push(...(rules.warnings?.(object) ?? []));
    for (const plugin of plugins) await plugin.validate?.(a);
    rules.settle?.(object);
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
