// FlowSchema and PriorityLevelConfiguration.
import { child, forbiddenField, index, invalidValue, oneOf, required, subdomain } from './checks.ts';
import type { KindDefinition } from './define.ts';
import { ensure, type Faults, has, inside, items, number, type Obj, optional, preset, strings, sub, text } from './read.ts';

const FLOW = { scope: 'Cluster', status: true, tracksGeneration: true } as const;

export const flowSchema: KindDefinition = {
  ...FLOW,
  update: ['full'],
  defaults(o) {
    const spec = ensure(o, 'spec');
    if (number(spec, 'matchingPrecedence') === 0) spec['matchingPrecedence'] = 1000;
  },
  spec(faults, o) {
    const spec = sub(o, 'spec');
    const precedence = number(spec, 'matchingPrecedence');
    if (precedence <= 0) faults.push(invalidValue('spec.matchingPrecedence', precedence, 'must be a positive value'));
    if (precedence > 10000) faults.push(invalidValue('spec.matchingPrecedence', precedence, 'must not be greater than 10000'));
    if (precedence === 1 && text(sub(o, 'metadata'), 'name') !== 'exempt')
      faults.push(invalidValue('spec.matchingPrecedence', precedence, "only the schema named 'exempt' may have matchingPrecedence 1"));
    const method = optional(spec, 'distinguisherMethod');
    if (method) oneOf(faults, 'spec.distinguisherMethod', text(method, 'type'), ['ByNamespace', 'ByUser']);
    const level = text(sub(spec, 'priorityLevelConfiguration'), 'name');
    if (level === '') faults.push(required('spec.priorityLevelConfiguration.name', 'must reference a priority level'));
    else subdomain(faults, 'spec.priorityLevelConfiguration.name', level);
    items(spec, 'rules').forEach((r, i) => {
      flowRule(faults, index('spec.rules', i), r);
    });
  },
};

function flowRule(faults: Faults, at: string, r: Obj): void {
  const subjects = items(r, 'subjects');
  if (subjects.length === 0) faults.push(required(child(at, 'subjects'), 'subjects must contain at least one value'));
  subjects.forEach((s, i) => {
    subject(faults, index(child(at, 'subjects'), i), s);
  });
  if (items(r, 'resourceRules').length === 0 && items(r, 'nonResourceRules').length === 0)
    faults.push(required(at, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
  items(r, 'resourceRules').forEach((rule, i) => {
    resourceRule(faults, index(child(at, 'resourceRules'), i), rule);
  });
  items(r, 'nonResourceRules').forEach((rule, i) => {
    const path = index(child(at, 'nonResourceRules'), i);
    if (strings(rule, 'verbs').length === 0) faults.push(required(child(path, 'verbs'), 'verbs must contain at least one value'));
    if (strings(rule, 'nonResourceURLs').length === 0)
      faults.push(required(child(path, 'nonResourceURLs'), 'nonResourceURLs must contain at least one value'));
  });
}

function resourceRule(faults: Faults, at: string, rule: Obj): void {
  const need: Record<string, string> = {
    verbs: 'verbs',
    apiGroups: 'resource rules must supply at least one api group',
    resources: 'resource rules must supply at least one resource',
  };
  for (const [key, why] of Object.entries(need))
    if (strings(rule, key).length === 0)
      faults.push(required(child(at, key), key === 'verbs' ? 'verbs must contain at least one value' : why));
  if (strings(rule, 'namespaces').length === 0 && rule['clusterScope'] !== true)
    faults.push(required(child(at, 'namespaces'), 'resource rules that are not cluster scoped must supply at least one namespace'));
}

function subject(faults: Faults, at: string, s: Obj): void {
  const kinds: Record<string, string> = { User: 'user', Group: 'group', ServiceAccount: 'serviceAccount' };
  const kind = text(s, 'kind');
  oneOf(faults, child(at, 'kind'), kind, ['Group', 'ServiceAccount', 'User']);
  if (!Object.hasOwn(kinds, kind)) return;
  const key = kinds[kind] ?? '';
  const own = optional(s, key);
  if (!own) faults.push(required(child(at, key), `${key} is required when subject kind is '${kind}'`));
  else if (text(own, 'name') === '') faults.push(required(child(child(at, key), 'name')));
  for (const other of Object.values(kinds))
    if (other !== key && has(s, other))
      faults.push(
        forbiddenField(
          child(at, other),
          `${other} is forbidden when subject kind is not '${Object.keys(kinds).find(k => kinds[k] === other)}'`,
        ),
      );
}

export const priorityLevelConfiguration: KindDefinition = {
  ...FLOW,
  update: ['full'],
  defaults(o) {
    const spec = ensure(o, 'spec');
    const limited = inside(spec, 'limited');
    if (limited) {
      preset(limited, 'nominalConcurrencyShares', 30);
      preset(limited, 'lendablePercent', 0);
      const queuing = inside(inside(limited, 'limitResponse'), 'queuing');
      if (queuing)
        for (const [key, value] of [
          ['queues', 64],
          ['handSize', 8],
          ['queueLengthLimit', 50],
        ] as const)
          if (!queuing[key]) queuing[key] = value;
    }
    if (spec['type'] === 'Exempt') {
      const exempt = ensure(spec, 'exempt');
      preset(exempt, 'nominalConcurrencyShares', 0);
      preset(exempt, 'lendablePercent', 0);
    }
  },
  spec(faults, o) {
    const spec = sub(o, 'spec');
    const type = text(spec, 'type');
    if (type === 'Limited') {
      const limited = optional(spec, 'limited');
      if (has(spec, 'exempt')) faults.push(forbiddenField('spec.exempt', 'must be nil if the type is Limited'));
      if (!limited) faults.push(required('spec.limited', 'must not be empty when type is Limited'));
      else limitedLevel(faults, 'spec.limited', limited);
    } else if (type === 'Exempt') {
      if (has(spec, 'limited')) faults.push(forbiddenField('spec.limited', 'must be nil if the type is not Limited'));
    } else oneOf(faults, 'spec.type', type, ['Exempt', 'Limited']);
  },
};

function limitedLevel(faults: Faults, at: string, l: Obj): void {
  const shares = number(l, 'nominalConcurrencyShares');
  if (shares < 0) faults.push(invalidValue(child(at, 'nominalConcurrencyShares'), shares, 'must be a non-negative integer'));
  const lendable = number(l, 'lendablePercent');
  if (lendable < 0 || lendable > 100)
    faults.push(invalidValue(child(at, 'lendablePercent'), lendable, 'must be between 0 and 100, inclusive'));
  if (has(l, 'borrowingLimitPercent') && number(l, 'borrowingLimitPercent') < 0)
    faults.push(
      invalidValue(child(at, 'borrowingLimitPercent'), number(l, 'borrowingLimitPercent'), 'if specified, must be a non-negative integer'),
    );
  const response = sub(l, 'limitResponse');
  const type = text(response, 'type');
  const path = child(at, 'limitResponse');
  if (type === 'Reject') {
    if (has(response, 'queuing'))
      faults.push(forbiddenField(child(path, 'queuing'), 'must be nil if limited.limitResponse.type is not Limited'));
  } else if (type === 'Queue') {
    const q = optional(response, 'queuing');
    if (!q) faults.push(required(child(path, 'queuing'), 'must not be empty if limited.limitResponse.type is Limited'));
    else queuing(faults, child(path, 'queuing'), q);
  } else oneOf(faults, child(path, 'type'), type, ['Queue', 'Reject']);
}

function queuing(faults: Faults, at: string, q: Obj): void {
  if (number(q, 'queueLengthLimit') <= 0)
    faults.push(invalidValue(child(at, 'queueLengthLimit'), number(q, 'queueLengthLimit'), 'must be positive'));
  if (number(q, 'queues') <= 0) faults.push(invalidValue(child(at, 'queues'), number(q, 'queues'), 'must be positive'));
  else if (number(q, 'queues') > 10000000)
    faults.push(invalidValue(child(at, 'queues'), number(q, 'queues'), 'must not be greater than 10000000'));
  if (number(q, 'handSize') <= 0) faults.push(invalidValue(child(at, 'handSize'), number(q, 'handSize'), 'must be positive'));
  else if (number(q, 'handSize') > number(q, 'queues'))
    faults.push(invalidValue(child(at, 'handSize'), number(q, 'handSize'), `should not be greater than queues (${number(q, 'queues')})`));
}
