import { at, equal, isObject } from '../../../../kube/index.ts';
import { mutateCluster, ruleAt } from '../../../../webhook/index.ts';
import { agree, differ, type Suite } from '../../suite.ts';
import { contextOf, requestOf } from './request.ts';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g;
const NOW = '2026-01-01T00:00:00Z';

/** Without nulls and empties, which typed forms add; a value that became empty goes too. */
function loose(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(loose);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, loose(item)] as const);
  return Object.fromEntries(entries.filter(([, item]) => !isEmpty(item)));
}

function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

export const suite: Suite = {
  check(c) {
    const path = `/${String(c.in['webhook'])}`;
    const mutate = path === '/mutate-cluster' ? mutateCluster : ruleAt(path)?.mutate;
    const request = requestOf(c.in);
    const context = contextOf(c.in, async () => undefined);
    const object = mutate?.(request, context);
    const got: unknown = JSON.parse(
      JSON.stringify(object)
        .replaceAll(NOW, '<now>')
        .replace(UUID, id => (JSON.stringify(c.in).includes(id) ? id : '<uuid>')),
    );
    const expected = at(c.out, 'object');
    return equal(loose(got), loose(expected)) ? agree : differ(got, expected);
  },
};
