// The order of keys in YAML: letters by code, numbers in them by value, all else before letters.

const LETTER = /\p{L}/u;
const DIGIT = /\p{Nd}/u;

/** Compares two keys for sorting. */
export function byNaturalOrder(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  const shared = Math.min(left.length, right.length);
  for (let i = 0; i < shared; i++) {
    const [l = '', r = ''] = [left[i], right[i]];
    if (l === r) continue;
    const letters = [LETTER.test(l), LETTER.test(r)];
    if (letters[0] && letters[1]) return l < r ? -1 : 1;
    if (letters[0] || letters[1]) return letters[1] ? -1 : 1;
    return byNumber(left, right, i);
  }
  return left.length - right.length;
}

/** Compares the numbers that begin, or go on, at the first difference. */
function byNumber(left: readonly string[], right: readonly string[], at: number): number {
  const inside = (left[at] === '0' || right[at] === '0') && followsNumber(left, at) ? 1 : 0;
  const [a, b] = [run(left, at, inside), run(right, at, inside)];
  if (a.value !== b.value) return a.value < b.value ? -1 : 1;
  if (a.end !== b.end) return a.end - b.end;
  return (left[at] ?? '') < (right[at] ?? '') ? -1 : 1;
}

function followsNumber(chars: readonly string[], at: number): boolean {
  for (let j = at - 1; j >= 0 && DIGIT.test(chars[j] ?? ''); j--) if (chars[j] !== '0') return true;
  return false;
}

function run(chars: readonly string[], at: number, start: number): { readonly value: number; readonly end: number } {
  let value = start;
  let end = at;
  for (; end < chars.length && DIGIT.test(chars[end] ?? ''); end++)
    value = value * 10 + ((chars[end] ?? '').codePointAt(0) ?? 0) - ('0'.codePointAt(0) ?? 0);
  return { value, end };
}
