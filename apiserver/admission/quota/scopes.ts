// The scopes of a quota: which pods and claims it is about.
import {
  type AnyObject,
  at,
  isObject,
  type LabelSelectorRequirement,
  labelSelector,
  listOf,
  objectOf,
  stringOf,
} from '../../../kube/index.ts';

export interface Scope {
  readonly name: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** The scopes of spec.scopes, then those of spec.scopeSelector: all of them must hold. */
export function scopesOf(quota: AnyObject): Scope[] {
  const plain = listOf(at(quota, 'spec', 'scopes')).map(name => ({ name: stringOf(name), operator: 'Exists', values: [] }));
  const chosen = listOf(at(quota, 'spec', 'scopeSelector', 'matchExpressions')).filter(isObject);
  return [
    ...plain,
    ...chosen.map(e => ({ name: stringOf(e['scopeName']), operator: stringOf(e['operator']), values: listOf(e['values']).map(stringOf) })),
  ];
}

/** Whether one of the names satisfies the scope; without names, whether their absence does. */
export function namesInScope(scope: Scope, names: readonly string[]): boolean {
  if (scope.operator === 'Exists') return names.length > 0;
  const requirement = { key: scope.name, operator: scope.operator, values: [...scope.values] } as LabelSelectorRequirement;
  const selector = labelSelector({ matchExpressions: [requirement] });
  return names.length === 0 ? selector.matches({}) : names.some(name => selector.matches({ [scope.name]: name }));
}

export function podInScope(scope: Scope, pod: AnyObject): boolean {
  switch (scope.name) {
    case 'Terminating':
      return isTerminating(pod);
    case 'NotTerminating':
      return !isTerminating(pod);
    case 'BestEffort':
      return isBestEffort(pod);
    case 'NotBestEffort':
      return !isBestEffort(pod);
    case 'PriorityClass': {
      const name = stringOf(at(pod, 'spec', 'priorityClassName'));
      return namesInScope(scope, name === '' ? [] : [name]);
    }
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(pod);
    default:
      return false;
  }
}

/** Whether the pod has a time after which it ends. */
export function isTerminating(pod: Readonly<Record<string, unknown>>): boolean {
  const seconds = objectOf(pod['spec'])['activeDeadlineSeconds'];
  return typeof seconds === 'number' && seconds >= 0;
}

function isBestEffort(pod: AnyObject): boolean {
  const told = stringOf(at(pod, 'status', 'qosClass'));
  if (told !== '') return told === 'BestEffort';
  const holders = [
    objectOf(pod['spec']),
    ...[...listOf(at(pod, 'spec', 'initContainers')), ...listOf(at(pod, 'spec', 'containers'))].filter(isObject),
  ];
  return !holders.some(h => ['requests', 'limits'].some(list => ['cpu', 'memory'].some(name => asks(at(h, 'resources', list, name)))));
}

const asks = (amount: unknown): boolean => amount !== undefined && amount !== null && !/^0+(\.0*)?[a-zA-Z]*$/.test(String(amount));

function crossesNamespaces(pod: AnyObject): boolean {
  return ['podAffinity', 'podAntiAffinity'].some(kind => {
    const affinity = at(pod, 'spec', 'affinity', kind);
    const required = listOf(at(affinity, 'requiredDuringSchedulingIgnoredDuringExecution'));
    const preferred = listOf(at(affinity, 'preferredDuringSchedulingIgnoredDuringExecution')).map(t => at(t, 'podAffinityTerm'));
    return [...required, ...preferred].some(t => listOf(at(t, 'namespaces')).length > 0 || isObject(at(t, 'namespaceSelector')));
  });
}
