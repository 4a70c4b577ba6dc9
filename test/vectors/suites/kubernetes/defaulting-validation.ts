// Creation of every built-in kind: defaults, admission, validation, warnings, as a server answers a dry-run POST.
import { builtinAdmission } from '../../../../apiserver/admission/builtin.ts';
import type { Attributes } from '../../../../apiserver/admission/plugin.ts';
import { serviceAllocator } from '../../../../apiserver/kinds/index.ts';
import { invalid, mulberry32, notFound, objectOf, parseApiVersion, type Reader, simulatedClock, stringOf } from '../../../../kube/index.ts';
import type { Suite } from '../../suite.ts';
import { builtinType, clone, dropDuplicateOwners, factsFor, judge, type Plain, refusal, rulesFor, unknownFields, type WriteResult } from './kind-writes.ts';

const NOW = '2026-01-01T00:00:00Z';

/** Only the namespaces of the recording exist. */
const reader: Reader = {
  async get(r, key) {
    if (r.kind !== 'Namespace') throw notFound({ group: r.group, plural: r.plural, name: key.name });
    return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: key.name } } as never;
  },
  list: async () => ({ resourceVersion: '1', items: [] }),
};

const plugins = builtinAdmission({ reader, clock: simulatedClock() });
const admin = {
  username: 'system:admin',
  groups: ['system:masters', 'system:authenticated'],
  extra: { 'authentication.kubernetes.io/credential-id': ['X509SHA256=dc4556598dab654b80eeee9645a53819746a054bf0c307c938531ed381e2a11e'] },
};

function attributes(object: Plain, path: string, namespace: string): Attributes {
  const { group, version } = parseApiVersion(stringOf(object['apiVersion']));
  const scope = namespace ? 'Namespaced' : 'Cluster';
  return {
    operation: 'CREATE',
    resource: { group, version, kind: stringOf(object['kind']), plural: path.split('/').at(-1) ?? '', scope },
    subresource: '',
    namespace,
    name: stringOf(objectOf(object['metadata'])['name']),
    object,
    options: {},
    user: admin,
    dryRun: true,
    warn: () => {},
  };
}

async function create(input: Plain): Promise<WriteResult> {
  const object = clone(input['body']) as Plain;
  const [apiVersion, kind] = [stringOf(object['apiVersion']), stringOf(object['kind'])];
  const rules = rulesFor(apiVersion, kind);
  const type = builtinType(apiVersion, kind);
  const facts = factsFor(apiVersion, kind);
  if (!rules || !type) return { code: 0 };
  const path = stringOf(input['path']);
  const unknown = unknownFields(object, type, '');
  const warnings = facts?.deprecated ? [facts.deprecated] : [];
  if (input['fieldValidation'] === 'Warn') warnings.push(...unknown.map(f => `unknown field "${f}"`));
  try {
    const meta = objectOf((object['metadata'] ??= {}));
    const namespace = /\/namespaces\/([^/]+)\//.exec(path)?.[1] ?? '';
    if (namespace && !meta['namespace']) meta['namespace'] = namespace;
    rules.defaults(object);
    const repeated = dropDuplicateOwners(object);
    if (repeated) warnings.push(repeated);
    const a = attributes(object, path, namespace);
    for (const plugin of plugins) await plugin.mutate?.(a);
    const name = stringOf(meta['name']);
    meta['uid'] = '11111111-1111-4111-8111-111111111111';
    meta['creationTimestamp'] = NOW;
    rules.prepareCreate?.(object);
    const faults = rules.validate(object);
    const group = facts?.faultGroup ?? parseApiVersion(apiVersion).group;
    if (faults.length > 0) throw invalid({ group, kind, name }, faults);
    warnings.push(...(rules.warnings?.(object) ?? []));
    for (const plugin of plugins) await plugin.validate?.(a);
    if (kind === 'Service') {
      const taken = serviceAllocator({ cidr: '10.96.0.0/12', nodePortRange: { from: 30000, to: 32767 }, random: mulberry32(1) }).allocate(object);
      if (taken.length > 0) throw invalid({ group, kind, name }, taken);
    }
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
