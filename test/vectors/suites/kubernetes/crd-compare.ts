// Compares a Status with a recorded one, by set where the reference walks a hash map.
import { equal, listOf, objectOf, stringOf } from '../../../../kube/index.ts';

function parts(message: string): string[] {
  const at = message.indexOf('is invalid:');
  if (at < 0) return [message];
  const list = message.slice(at + 'is invalid:'.length).trim();
  const items = list.startsWith('[') ? list.slice(1, -1) : list;
  return [message.slice(0, at), ...[...items].sort()];
}

/** Whether a Status agrees with the recorded one; with `unordered`, causes and their texts may come in any order. */
export function sameStatus(got: unknown, want: unknown, unordered: boolean): boolean {
  if (!unordered) return equal(got, want);
  const [a, b] = [objectOf(got), objectOf(want)];
  const causes = (s: Record<string, unknown>): string[] =>
    listOf(objectOf(s['details'])['causes'])
      .map(c => JSON.stringify(Object.entries(objectOf(c)).sort()))
      .sort();
  const rest = (s: Record<string, unknown>): unknown => ({ ...s, message: '', details: { ...objectOf(s['details']), causes: [] } });
  return equal(rest(a), rest(b)) && equal(causes(a), causes(b)) && equal(parts(stringOf(a['message'])), parts(stringOf(b['message'])));
}
