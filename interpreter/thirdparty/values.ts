// Reading custom resources the strict way the catalogue needs: a step through something absent, an addition of something that is no
// number, a comparison of unlike values are faults of the object and become errors, never NaN or undefined results.
import { type AnyObject, isObject } from '../../kube/index.ts';
import type { AggregatedStatusItem, DependentObjectReference, ReplicaRequirements } from '../interpreter.ts';
import { settleEmpties } from '../lua/empties.ts';
import { requirementsOf as checkedRequirements } from '../lua/results.ts';
import { podDependencies } from '../native/pod-dependencies.ts';
import { podRequirements } from '../native/pod-requirements.ts';
import type { PodSpec, PodTemplate } from '../native/pod-spec.ts';
import { asMessage } from '../native/typed.ts';

/** An object the catalogue cannot interpret; the message says which field. */
export class CatalogueError extends Error {
  override readonly name = 'CatalogueError';
}

export type Fields = Record<string, unknown>;

/** The field at the path; undefined at its end only: every step before it has to be there. */
export function need(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) throw new CatalogueError(`there is nothing to read ${JSON.stringify(key)} from`);
    current = Object.hasOwn(current, key) ? (current as Fields)[key] : undefined;
  }
  return current;
}

/** The entries of a list; of nothing if there is none. */
export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A number, also one written as text, as arithmetic takes it. */
export function numberOf(value: unknown, what: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || Number.isNaN(number))
    throw new CatalogueError(`${what} is no number: ${JSON.stringify(value) ?? 'absent'}`);
  return number;
}

/** Text for a message made of parts; something absent has none. */
export function textOf(value: unknown, what: string): string {
  if (typeof value !== 'string' && typeof value !== 'number')
    throw new CatalogueError(`${what} is no text: ${JSON.stringify(value) ?? 'absent'}`);
  return String(value);
}

/** Compares two numbers or two texts. */
export function atLeast(a: unknown, b: unknown, what: string): boolean {
  if ((typeof a === 'number' && typeof b === 'number') || (typeof a === 'string' && typeof b === 'string')) return a >= b;
  throw new CatalogueError(`${what} cannot be compared: ${JSON.stringify(a) ?? 'absent'}, ${JSON.stringify(b) ?? 'absent'}`);
}

/** A number, also one written as decimal text; what is neither gives way to the other. */
export function numberOr<T>(value: unknown, otherwise: T): number | T {
  if (typeof value === 'number') return value;
  const text = typeof value === 'string' ? value.replace(/^[ \n\t]+|[ \n\t]+$/g, '') : '';
  const isNumber = text.includes('.') ? /^[+-]?(\d+\.\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) : /^[+-]?\d+$/.test(text);
  return isNumber ? Number(text) : otherwise;
}

/** The earliest or the latest value of a field of those that have one. */
export function extreme(statuses: readonly Fields[], field: string, which: 'earliest' | 'latest'): unknown {
  const values = statuses.flatMap(status => status[field] ?? []);
  return values.reduce<unknown>((best, value) => {
    if (best === undefined) return value;
    const isBetter = which === 'earliest' ? !atLeast(value, best, field) : !atLeast(best, value, field);
    return isBetter ? value : best;
  }, undefined);
}

/** A copy without 0, '', '0s' and what is empty, in depth; undefined where nothing is left. */
export function omitEmpty(value: unknown): unknown {
  if (value === 0 || value === '' || value === '0s' || value === null) return undefined;
  if (Array.isArray(value)) {
    const kept = value.map(omitEmpty).filter(item => item !== undefined);
    return kept.length > 0 ? kept : undefined;
  }
  if (!isObject(value)) return value;
  const entries = Object.entries(value).flatMap(([key, item]) => {
    const kept = omitEmpty(item);
    return kept === undefined ? [] : [[key, kept] as const];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** Whether a condition of the type is true. */
export function holds(status: unknown, type: string): boolean {
  const conditions = isObject(status) ? items(status['conditions']) : [];
  return conditions.some(c => isObject(c) && c['type'] === type && c['status'] === 'True');
}

/** The statuses that clusters reported. */
export function statusesOf(list: readonly AggregatedStatusItem[] = []): readonly Fields[] {
  return list.flatMap(item => (isObject(item.status) ? [item.status] : []));
}

/** Sums of the fields over the statuses that have them. */
export function sums(statuses: readonly Fields[], fields: readonly string[]): Fields {
  const out: Fields = {};
  for (const field of fields) {
    const values = statuses.flatMap(status => status[field] ?? []);
    out[field] = values.reduce<number>((total, value) => total + numberOf(value, field), 0);
  }
  return out;
}

/** Of each field the last value that is there and not '', else the one given. */
export function lasts(statuses: readonly Fields[], fields: readonly string[], otherwise?: unknown): Fields {
  const out: Fields = {};
  for (const field of fields) out[field] = statuses.reduce<unknown>((last, status) => usable(status[field]) ?? last, otherwise);
  return out;
}

const usable = (value: unknown): unknown => (value === '' || value === null ? undefined : value);

/** The fields of a status that are there. */
export function pick(status: Fields, fields: readonly string[]): Fields {
  return Object.fromEntries(fields.flatMap(field => ((status[field] ?? undefined) === undefined ? [] : [[field, status[field]]])));
}

/** The generation of the template as a member object carries it; undefined where it is no integer. */
function templateGeneration(observed: AnyObject): number | undefined {
  const text = observed.metadata.annotations?.['resourcetemplate.karmada.io/generation'];
  if (text !== undefined && /^[+-]?(\d+\.\d*|\.\d+)$/.test(text)) return Number(text);
  if (text === undefined || !/^[+-]?\d+$/.test(text)) return undefined;
  return BigInt.asIntN(64, BigInt(text)) === BigInt(text) ? Number(text) : undefined;
}

/** The status with the generations that tell how new it is. */
export function withGenerations(observed: AnyObject, status: Fields): Fields {
  const { generation } = observed.metadata;
  const template = templateGeneration(observed);
  return {
    ...status,
    ...(generation === undefined ? {} : { generation }),
    ...(template === undefined ? {} : { resourceTemplateGeneration: template }),
  };
}

/** The observedGeneration of the whole: the template's own once every cluster has seen it, else the one before. */
export function observedGeneration(object: AnyObject, list: readonly AggregatedStatusItem[] = []): number {
  const own = object.metadata.generation ?? 0;
  const before = need(object['status'] ?? {}, 'observedGeneration') ?? 0;
  const seen = list.filter(({ status }) => {
    const { resourceTemplateGeneration = 0, generation = 0, observedGeneration: observed = 0 } = (isObject(status) ? status : {}) as Fields;
    return resourceTemplateGeneration === own && generation === observed;
  });
  return seen.length === list.length ? own : numberOf(before, 'observedGeneration');
}

/** A copy without nulls and without anything empty, in one pass: what becomes empty by it stays. */
export function tidy<T>(value: T): T {
  const copy = hollow(value);
  return (Array.isArray(copy) && copy.length === 0 && !Array.isArray(value) ? {} : settleEmpties(copy, [])) as T;
}

/** The same, where what is empty in the references stays as it is there. */
export function tidyAs<T>(value: T, references: readonly unknown[]): T {
  return settleEmpties(hollow(value), references) as T;
}

/** A copy without nulls in which every empty object is an empty list, as in Lua. */
function hollow(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter(item => (item ?? undefined) !== undefined).map(hollow);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([, item]) => (item ?? undefined) !== undefined);
  return entries.length === 0 ? [] : Object.fromEntries(entries.map(([key, item]) => [key, hollow(item)]));
}

/** The pod template in its typed form. */
export function templateOf(value: unknown): PodTemplate {
  if (typeof value !== 'object' || value === null) throw new CatalogueError('there is no pod template');
  return asMessage('api.core.v1.PodTemplateSpec', tidy(value));
}

/** What a replica of the template needs; throws without a template. */
export function requirementsOf(template: unknown): ReplicaRequirements | undefined {
  return tidyRequirements(podRequirements(templateOf(template).spec));
}

/** Requirements of pod fields that lie in a kind's own spec. */
export function requirementsOfSpec(spec: Fields): ReplicaRequirements | undefined {
  const requirements = podRequirements(asMessage<PodSpec>('api.core.v1.PodSpec', tidy(spec)));
  return requirements && checkedRequirements(requirements);
}

function tidyRequirements(requirements: ReplicaRequirements | undefined): ReplicaRequirements | undefined {
  return requirements && checkedRequirements(tidy(requirements));
}

/** What the template needs beside it; undefined when it needs nothing. */
export function dependenciesOf(template: unknown, namespace: string | undefined): readonly DependentObjectReference[] | undefined {
  const references = podDependencies(templateOf(template).spec, namespace ?? 'default');
  return references.length > 0 ? references : undefined;
}

/** The same, where an object that needs nothing is not expected. */
export function someDependencies(template: unknown, namespace: string | undefined): readonly DependentObjectReference[] {
  const references = dependenciesOf(template, namespace);
  if (!references) throw new CatalogueError('the pod template refers to nothing');
  return references;
}

/** A reference to a v1 object in the namespace; an empty name refers to nothing. */
export function refer(kind: string, name: unknown, namespace: string | undefined): readonly DependentObjectReference[] {
  if ((name ?? undefined) === undefined) throw new CatalogueError(`a ${kind} is referred to without a name`);
  return name === '' ? [] : [{ apiVersion: 'v1', kind, ...(namespace ? { namespace } : {}), name: textOf(name, 'name') }];
}

/** Each reference once. */
export function unique(references: readonly DependentObjectReference[]): readonly DependentObjectReference[] {
  return [...new Map(references.map(r => [JSON.stringify([r.kind, r.name]), r])).values()];
}

/** The object with some fields of its spec set. */
export function withSpec(object: AnyObject, fields: Fields): AnyObject {
  const spec = need(object, 'spec');
  if (!isObject(spec)) throw new CatalogueError('spec is absent');
  return { ...object, spec: { ...spec, ...fields } };
}

/** The desired object with `spec.suspend` of the observed one, when that has one. */
export function keepSuspend(desired: AnyObject, observed: AnyObject): AnyObject {
  const suspend = need(observed, 'spec', 'suspend');
  return suspend === undefined ? desired : withSpec(desired, { suspend });
}
