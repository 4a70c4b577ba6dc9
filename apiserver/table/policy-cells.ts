// The cells of what decides about requests: roles, admission, priority and fairness, aggregation.
import { at, isObject, objectOf } from '../../kube/index.ts';
import { age, type Cells, condition, items, NONE, name, number, text, UNSET, words } from './cells.ts';

function bindingCells(): Cells {
  return (o, now) => {
    const subjects = (kind: string): string =>
      items(o, 'subjects')
        .filter(s => s['kind'] === kind)
        .map(s => (kind === 'ServiceAccount' ? `${text(s, 'namespace')}/${text(s, 'name')}` : text(s, 'name')))
        .join(', ');
    return [
      name(o),
      `${text(o, 'roleRef', 'kind')}/${text(o, 'roleRef', 'name')}`,
      age(o, now),
      subjects('User'),
      subjects('Group'),
      subjects('ServiceAccount'),
    ];
  };
}

const paramKind = (o: unknown): string => {
  const kind = at(o, 'spec', 'paramKind');
  return isObject(kind) ? `${text(kind, 'apiVersion')}/${text(kind, 'kind')}` : UNSET;
};

/** A label selector as the reference prints the structure. */
function printedSelector(selector: unknown): string {
  if (!isObject(selector)) return UNSET;
  const labels = Object.entries(objectOf(selector['matchLabels'])).sort(([a], [b]) => (a < b ? -1 : 1));
  const expressions = items(selector, 'matchExpressions').map(
    e => `LabelSelectorRequirement{Key:${text(e, 'key')},Operator:${text(e, 'operator')},Values:[${words(e, 'values').join(' ')}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.map(([k, v]) => `${k}: ${String(v)},`).join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}

function paramRef(o: unknown): string {
  const ref = at(o, 'spec', 'paramRef');
  if (!isObject(ref)) return UNSET;
  const named = text(ref, 'name');
  if (named === '') return printedSelector(ref['selector']);
  return `${text(ref, 'namespace') || '*'}/${named}`;
}

const policyBinding: Cells = (o, now) => [name(o), text(o, 'spec', 'policyName'), paramRef(o), age(o, now)];
const webhooks: Cells = (o, now) => [name(o), items(o, 'webhooks').length, age(o, now)];

const priorityLevel: Cells = (o, now) => {
  const limited = at(o, 'spec', 'limited');
  const shares = at(limited, 'nominalConcurrencyShares');
  const queuing = at(o, 'spec', 'limited', 'limitResponse', 'queuing');
  const cell = (key: string): unknown => (isObject(queuing) ? number(queuing, key) : NONE);
  return [
    name(o),
    text(o, 'spec', 'type'),
    shares === undefined || shares === null ? NONE : shares,
    cell('queues'),
    cell('handSize'),
    cell('queueLengthLimit'),
    age(o, now),
  ];
};

function flowState(o: unknown): string {
  const dangling = condition(o, 'Dangling');
  return dangling ? text(dangling, 'status') : '?';
}

const availability = (o: unknown): string => {
  const found = condition(o, 'Available');
  if (!found) return 'Unknown';
  const status = text(found, 'status');
  return status === 'True' ? status : `${status} (${text(found, 'reason')})`;
};

const backend = (o: unknown): string => {
  const service = at(o, 'spec', 'service');
  return isObject(service) ? `${text(service, 'namespace')}/${text(service, 'name')}` : 'Local';
};

const GROUP = 'admissionregistration.k8s.io/v1';

export const policyCells: Readonly<Record<string, Cells>> = {
  'rbac.authorization.k8s.io/v1 RoleBinding': bindingCells(),
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding': bindingCells(),
  [`${GROUP} MutatingAdmissionPolicy`]: (o, now) => [name(o), items(o, 'spec', 'mutations').length, paramKind(o), age(o, now)],
  [`${GROUP} ValidatingAdmissionPolicy`]: (o, now) => [name(o), items(o, 'spec', 'validations').length, paramKind(o), age(o, now)],
  [`${GROUP} MutatingAdmissionPolicyBinding`]: policyBinding,
  [`${GROUP} ValidatingAdmissionPolicyBinding`]: policyBinding,
  [`${GROUP} MutatingWebhookConfiguration`]: webhooks,
  [`${GROUP} ValidatingWebhookConfiguration`]: webhooks,
  'flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration': priorityLevel,
  'flowcontrol.apiserver.k8s.io/v1 FlowSchema': (o, now) => [
    name(o),
    text(o, 'spec', 'priorityLevelConfiguration', 'name'),
    number(o, 'spec', 'matchingPrecedence'),
    isObject(at(o, 'spec', 'distinguisherMethod')) ? text(o, 'spec', 'distinguisherMethod', 'type') : NONE,
    age(o, now),
    flowState(o),
  ],
  'apiregistration.k8s.io/v1 APIService': (o, now) => [name(o), backend(o), availability(o), age(o, now)],
};
