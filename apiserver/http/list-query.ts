// The query parameters of lists and watches, read in the order in which the reference reads them: numbers, selectors, then
// what goes together.
import { badRequest, parseFieldSelector, parseLabelSelector } from '../../kube/index.ts';
import { checkListQuery, type ListQuery } from '../registry/index.ts';
import { isTrue } from './request-info.ts';
import type { Call } from './server-parts.ts';

export function listQuery(c: Call, verb: 'list' | 'watch'): ListQuery {
  const { query } = c.info;
  const text = (name: string): string | undefined => query.get(name) || undefined;
  integer(query, 'timeoutSeconds');
  const limit = integer(query, 'limit');
  const [labels, fields] = [text('labelSelector'), text('fieldSelector')];
  const token = text('continue');
  const resourceVersion = text('resourceVersion');
  const match = text('resourceVersionMatch');
  const initial = query.get('sendInitialEvents');
  const asked: ListQuery = {
    namespace: c.r.namespace,
    ...(labels ? { labels: selector(() => parseLabelSelector(labels)) } : {}),
    ...(fields ? { fields: selector(() => parseFieldSelector(fields)) } : {}),
    ...(limit > 0 ? { limit } : {}),
    ...(token ? { continue: token } : {}),
    ...(resourceVersion ? { resourceVersion } : {}),
    ...(match ? { match } : {}),
    ...(initial === null ? {} : { sendInitialEvents: isTrue(initial) }),
  };
  checkListQuery(c.s, asked, verb);
  return asked;
}

const MAX_INTEGER = 2n ** 63n - 1n;

/** A parameter that is a whole number; 0 where it is absent. */
export function integer(query: URLSearchParams, name: string): number {
  const text = query.get(name);
  if (text === null) return 0;
  const refuse = (why: string): Error => badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${why}`);
  if (!/^[+-]?\d+$/.test(text)) throw refuse('invalid syntax');
  const value = BigInt(text.replace('+', ''));
  if (value > MAX_INTEGER || value < -MAX_INTEGER - 1n) throw refuse('value out of range');
  return Number(value);
}

function selector<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw badRequest((error as Error).message, error);
  }
}
