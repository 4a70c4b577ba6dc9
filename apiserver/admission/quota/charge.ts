// Does a request fit into the quotas of its namespace, and what is used afterwards. Pure: quotas in, new usage or a refusal out.
// A quota counts by what its status says: one that nobody has counted yet limits nothing.
import { type AnyObject, at, compareQuantities, signOfQuantity } from '../../../kube/index.ts';
import type { Attributes } from '../plugin.ts';
import { type Amounts, amountsOf, increase, only, plus, printed } from './amounts.ts';
import type { Evaluator } from './evaluator.ts';
import { scopesOf } from './scopes.ts';

export interface Counted {
  readonly quota: AnyObject;
  readonly hard: Amounts;
  readonly used: Amounts;
}

export type Charge = { readonly refused: string } | { readonly quotas: readonly Counted[] };

export const counted = (quota: AnyObject): Counted => ({
  quota,
  hard: amountsOf(at(quota, 'status', 'hard')),
  used: amountsOf(at(quota, 'status', 'used')),
});

/** The quotas as they are after the request, in the same order. */
export function charge(quotas: readonly Counted[], a: Attributes, e: Evaluator): Charge {
  const object = a.object as AnyObject;
  const matching = quotas.filter(q => matches(q, object, e));
  for (const q of matching) {
    const names = [...q.hard.keys()].filter(name => e.counts(name));
    const missing = e.missing?.(names, object);
    if (missing) return { refused: `failed quota: ${q.quota.metadata.name}: ${missing}` };
    if (names.some(name => !q.used.has(name)))
      return { refused: `status unknown for quota: ${q.quota.metadata.name}, resources: ${names.sort().join(',')}` };
  }
  if (matching.length === 0) return { quotas };
  const usage = e.usage(object);
  const negative = [...only(usage, (_, value) => signOfQuantity(value) < 0).keys()].sort();
  if (negative.length > 0) return { refused: `quota usage is negative for resource(s): ${negative.join(',')}` };
  return chargeEach(quotas, { matching, a, usage, e });
}

/** Whether the quota limits something that the object uses, and is about such objects. */
export function matches(q: Counted, object: AnyObject, e: Evaluator): boolean {
  if (![...q.hard.keys()].some(name => e.counts(name))) return false;
  return scopesOf(q.quota).every(scope => e.inScope?.(scope, object) === true);
}

interface Request {
  readonly matching: readonly Counted[];
  readonly a: Attributes;
  readonly usage: Amounts;
  readonly e: Evaluator;
}

function chargeEach(quotas: readonly Counted[], r: Request): Charge {
  const after: Counted[] = [];
  for (const q of quotas) {
    const delta = r.matching.includes(q) ? deltaOf(q, r) : undefined;
    const asked = delta && only(delta, (name, value) => q.hard.has(name) && signOfQuantity(value) !== 0);
    if (!asked || asked.size === 0) {
      after.push(q);
      continue;
    }
    const used = plus(q.used, asked);
    const over = [...asked.keys()].filter(name => exceeds(used, q.hard, name));
    if (over.length > 0) {
      const part = (all: Amounts): string => printed(only(all, name => over.includes(name)));
      const texts = `requested: ${part(asked)}, used: ${part(q.used)}, limited: ${part(q.hard)}`;
      return { refused: `exceeded quota: ${q.quota.metadata.name}, ${texts}` };
    }
    after.push({ ...q, used });
  }
  return { quotas: after };
}

/** On update only what is added counts, where the quota was already about the object. */
function deltaOf(q: Counted, { a, usage, e }: Request): Amounts {
  const old = a.oldObject as AnyObject | undefined;
  return a.operation === 'UPDATE' && old && matches(q, old, e) ? increase(usage, e.usage(old)) : usage;
}

function exceeds(used: Amounts, hard: Amounts, name: string): boolean {
  const [now, most] = [used.get(name), hard.get(name)];
  return now !== undefined && most !== undefined && compareQuantities(now, most) > 0;
}
