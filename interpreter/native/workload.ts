// The status of apps/v1 workloads: counters that add up over clusters, and two generations that tell whether every cluster
// has seen the newest template. `resourceTemplateGeneration` is the template's generation as the member object carries it.
import { type AnyObject, at, isObject, stringOf } from '../../kube/index.ts';
import type { AggregatedStatusItem } from '../interpreter.ts';
import { withStatus } from './rules.ts';
import { asMessage, TypedError } from './typed.ts';

/** Which counters a kind reports, and which of them are written even when zero. */
export interface WorkloadStatus {
  readonly kind: string;
  readonly counters: readonly string[];
  readonly always?: readonly string[];
  /** StatefulSets leave the member's observedGeneration out of what they report. */
  readonly reportsObservedGeneration: boolean;
}

type Numbers = Record<string, number>;

/** `metadata.generation` of the template in the annotation of a member object; throws when it is absent or no integer. */
function templateGeneration(observed: AnyObject): number {
  const text = stringOf(at(observed.metadata, 'annotations', 'resourcetemplate.karmada.io/generation'));
  if (!/^[+-]?\d+$/.test(text)) throw new TypedError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  if (BigInt.asIntN(64, BigInt(text)) !== BigInt(text))
    throw new TypedError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`);
  return Number(text);
}

/** What a member's workload reports; undefined when it has no status or nothing but zeroes. */
export function reflectWorkload(w: WorkloadStatus, observed: AnyObject): unknown {
  const raw = statusOf(observed);
  if (!raw) return undefined;
  const status = asMessage<Numbers>(`api.apps.v1.${w.kind}Status`, raw, 'wrap');
  const out: Numbers = {};
  const generations = {
    generation: observed.metadata.generation ?? 0,
    resourceTemplateGeneration: templateGeneration(observed),
    observedGeneration: w.reportsObservedGeneration ? (status['observedGeneration'] ?? 0) : 0,
  };
  let any = false;
  const put = (name: string, value: number): void => {
    any ||= value !== 0;
    if (value !== 0 || w.always?.includes(name)) out[name] = value;
  };
  for (const [name, value] of Object.entries(generations)) put(name, value);
  for (const name of w.counters) put(name, status[name] ?? 0);
  return any ? out : undefined;
}

/** The status of an object; undefined when absent. Anything but an object is an error. */
export function statusOf(observed: AnyObject): Record<string, unknown> | undefined {
  const { status } = observed;
  if (status === undefined) return undefined;
  if (!isObject(status)) throw new TypedError('status is not an object');
  return status;
}

/** How the last condition for "this cluster has seen the newest template" differs by kind. */
type NewestTemplate = (item: { readonly template: number; readonly member: number }, ownGeneration: number) => boolean;

/** The template with the sum of the members' counters. */
export function aggregateWorkload(
  w: WorkloadStatus,
  object: AnyObject,
  items: readonly AggregatedStatusItem[],
  isNewest: NewestTemplate = (item, own) => item.template >= own,
): AnyObject {
  const name = `api.apps.v1.${w.kind}Status`;
  const own = object.metadata.generation ?? 0;
  const before =
    object['status'] === undefined || object['status'] === null ? {} : asMessage<Record<string, unknown>>(name, object['status'], 'wrap');
  const sums = new Map(w.counters.map(counter => [counter, 0]));
  let seenByAll = true;
  for (const item of items) {
    if (!isPresent(item)) {
      seenByAll = false;
      continue;
    }
    const status = asMessage<Numbers>(name, item.status);
    const { generation: member = 0, resourceTemplateGeneration: template = 0 } = generationsOf(item.status);
    for (const counter of w.counters) sums.set(counter, (sums.get(counter) ?? 0) + (status[counter] ?? 0));
    if ((status['observedGeneration'] ?? 0) < member || !isNewest({ template, member }, own)) seenByAll = false;
  }
  const after = Object.fromEntries(Object.entries(before).filter(([field, value]) => value !== 0 || field === 'collisionCount'));
  if (seenByAll) after['observedGeneration'] = own;
  for (const [counter, sum] of sums) after[counter] = sum;
  for (const field of [...w.counters, 'observedGeneration']) if (after[field] === 0 && !w.always?.includes(field)) delete after[field];
  return withStatus(object, after);
}

/** Whether a cluster reported a status at all. */
export function isPresent(item: AggregatedStatusItem): boolean {
  return item.status !== undefined && item.status !== null;
}

function generationsOf(status: unknown): Numbers {
  const out: Numbers = {};
  for (const field of ['generation', 'resourceTemplateGeneration']) {
    const value = at(status, field);
    if (value === undefined || value === null) continue;
    if (!Number.isInteger(value)) throw new TypedError(`cannot read ${field} as an integer: ${JSON.stringify(value)}`);
    out[field] = value as number;
  }
  return out;
}
