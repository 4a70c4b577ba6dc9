// What a script returned, as the types of the Interpreter. A value of the wrong shape is an error, as in typed JSON decoding.
import { isObject, plain500 } from '../../kube/index.ts';
import type { Component, DependentObjectReference, ReplicaRequirements } from '../interpreter.ts';
import { asMessage } from '../native/typed.ts';

/** Lua's word for a type, and the value as JSON. */
export type LuaResult = readonly [type: string, value: unknown];

/** What stands for counts that 32 bits do not hold. */
const MIN_INT32 = -(2 ** 31);

/** Numbers of Lua types in error texts. */
const TYPE_NUMBERS: Readonly<Record<string, number>> = {
  nil: 0,
  boolean: 1,
  number: 2,
  string: 3,
  function: 4,
  userdata: 5,
  thread: 6,
  table: 7,
};

type Check<T> = (value: unknown, path: string) => T;

const unmarshal = (value: unknown, path: string, type: string): Error => {
  const got =
    value === null
      ? 'null'
      : Array.isArray(value)
        ? 'array'
        : isObject(value)
          ? 'object'
          : typeof value === 'boolean'
            ? 'bool'
            : typeof value;
  return plain500(`json unmarshal obj failed: json: cannot unmarshal ${got} into ${path} of type ${type}`);
};

const text: Check<string> = (value, path) => {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw unmarshal(value, path, 'string');
  return value;
};

const int32: Check<number> = (value, path) => {
  if (value === undefined || value === null) return 0;
  if (!Number.isInteger(value) || value !== (Number(value) | 0)) throw unmarshal(value, path, 'int32');
  return Number(value);
};

const fields: Check<Record<string, unknown>> = (value, path) => {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw unmarshal(value, path, 'struct');
  return value;
};

const list: Check<readonly unknown[]> = (value, path) => {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw unmarshal(value, path, 'slice');
  return value;
};

function typed(message: string, value: unknown): Record<string, unknown> {
  try {
    return asMessage(message, value);
  } catch (error) {
    throw plain500(`json unmarshal obj failed: ${(error as Error).message}`);
  }
}

/** Only the given parts that are not empty. */
function compact<T extends object>(parts: T): T {
  return Object.fromEntries(
    Object.entries(parts).filter(([, part]) => part !== undefined && part !== '' && !(Array.isArray(part) && part.length === 0)),
  ) as T;
}

/** A script's ReplicaRequirements. */
export function requirementsOf(value: unknown): ReplicaRequirements {
  const given = fields(value, 'Go value');
  const claim = given['nodeClaim'];
  const request = given['resourceRequest'];
  return compact({
    nodeClaim: claim === undefined || claim === null ? undefined : nodeClaimOf(claim),
    resourceRequest: request === undefined || request === null ? undefined : quantities(request),
    namespace: text(given['namespace'], 'Go struct field ReplicaRequirements.namespace'),
    priorityClassName: text(given['priorityClassName'], 'Go struct field ReplicaRequirements.priorityClassName'),
  }) as ReplicaRequirements;
}

function quantities(value: unknown): unknown {
  if (!isObject(value)) throw unmarshal(value, 'Go struct field ReplicaRequirements.resourceRequest', 'v1.ResourceList');
  return typed('api.core.v1.ResourceRequirements', { requests: value })['requests'];
}

function nodeClaimOf(value: unknown): unknown {
  const claim = fields(value, 'Go struct field ReplicaRequirements.nodeClaim');
  const { nodeSelector, tolerations } = claim;
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: claim['hardNodeAffinity'] } };
  const spec = typed('api.core.v1.PodSpec', { nodeSelector, tolerations, affinity });
  const read = spec['affinity'] as { nodeAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: unknown } };
  return compact({
    hardNodeAffinity: read.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution,
    nodeSelector: spec['nodeSelector'],
    tolerations: spec['tolerations'],
  });
}

/** A script's list of Components. */
export function componentsOf(value: unknown): readonly Component[] {
  return list(value, 'Go value').map(item => {
    const component = fields(item, 'Go value');
    const requirements = component['replicaRequirements'];
    return {
      name: text(component['name'], 'Go struct field Component.name'),
      replicas: int32(component['replicas'], 'Go struct field Component.replicas'),
      ...(requirements === undefined || requirements === null ? {} : { replicaRequirements: requirementsOf(requirements) }),
    };
  });
}

/** A script's list of DependentObjectReferences, not yet checked. */
export function dependenciesOf(value: unknown): readonly DependentObjectReference[] {
  return list(value, 'Go value').map(item => {
    const given = fields(item, 'Go value');
    const named = (key: string): string => text(given[key], `Go struct field DependentObjectReference.${key}`);
    const selector = given['labelSelector'];
    const labelSelector =
      selector === undefined || selector === null ? undefined : typed('apimachinery.pkg.apis.meta.v1.LabelSelector', selector);
    return {
      apiVersion: named('apiVersion'),
      kind: named('kind'),
      ...compact({ namespace: named('namespace'), name: named('name') }),
      ...(labelSelector ? { labelSelector } : {}),
    };
  });
}

/** The count of a number result, cut to 32 bits. */
export function countOf([type, value]: LuaResult): number {
  if (type !== 'number') throw plain500(`result type ${TYPE_NUMBERS[type] ?? 0} is not number`);
  const count = Math.trunc(Number(value));
  return count === (count | 0) ? count : MIN_INT32;
}

export function booleanOf([type, value]: LuaResult): boolean {
  if (type !== 'boolean') throw plain500(`result type ${TYPE_NUMBERS[type] ?? 0} is not bool`);
  return value === true;
}

/** The value of a table result; `what` names it in the error text. */
export function tableOf([type, value]: LuaResult, what: string): unknown {
  if (type !== 'table') throw plain500(`expect the returned ${what} type is table but got ${type}`);
  return value;
}

/** An object result with its kind. */
export function objectOf(value: unknown): Record<string, unknown> {
  if (!isObject(value))
    throw plain500('json unmarshal obj failed: json: cannot unmarshal array into Go value of type map[string]interface {}');
  return value;
}
