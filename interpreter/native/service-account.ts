import { isObject } from '../../kube/index.ts';
import type { NativeRules } from './rules.ts';
import { TypedError } from './typed.ts';

/** v1 ServiceAccount: member clusters add token and pull secrets of their own. */
export const serviceAccount: NativeRules = {
  retain(desired, observed) {
    const secrets = union('secrets', desired['secrets'], observed['secrets']);
    const imagePullSecrets = union('imagePullSecrets', desired['imagePullSecrets'], observed['imagePullSecrets']);
    return { ...desired, ...(secrets ? { secrets } : {}), ...(imagePullSecrets ? { imagePullSecrets } : {}) };
  },
};

/** The first list and what only the second one names, each once; undefined when neither list exists. */
function union(field: string, first: unknown, second: unknown): unknown[] | undefined {
  if ((first ?? second ?? undefined) === undefined) return undefined;
  const mine = named(field, first ?? []);
  const known = new Set(mine.map(([name]) => name));
  const added = named(field, second ?? []).filter(([name]) => !known.has(name) && known.add(name));
  return [...mine, ...added].map(([, entry]) => entry);
}

function named(field: string, list: unknown): (readonly [string, unknown])[] {
  if (!Array.isArray(list)) throw new TypedError(`.${field} is not a list`);
  return list.map(entry => {
    const name = isObject(entry) ? entry['name'] : undefined;
    if (typeof name !== 'string') throw new TypedError(`an entry of .${field} has no name`);
    return [name, entry] as const;
  });
}
