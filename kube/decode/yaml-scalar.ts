// What a plain YAML scalar stands for, as the reference's parser reads it: YAML 1.1 words for booleans, numbers with underscores
// and in four bases, no base 60; dates stay text.

const BOOLS = new Map<string, boolean>();
for (const word of ['y', 'yes', 'true', 'on']) for (const form of forms(word)) BOOLS.set(form, true);
for (const word of ['n', 'no', 'false', 'off']) for (const form of forms(word)) BOOLS.set(form, false);
const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);
const INFINITIES = new Map<string, number>();
for (const word of ['.inf', '.Inf', '.INF']) {
  INFINITIES.set(word, Number.POSITIVE_INFINITY);
  INFINITIES.set(`+${word}`, Number.POSITIVE_INFINITY);
  INFINITIES.set(`-${word}`, Number.NEGATIVE_INFINITY);
}
for (const word of ['.nan', '.NaN', '.NAN']) INFINITIES.set(word, Number.NaN);
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const BASES: readonly [RegExp, number][] = [
  [/^([-+]?)0[xX]([0-9a-fA-F]+)$/, 16],
  [/^([-+]?)0[bB]([01]+)$/, 2],
  [/^([-+]?)0[oO]?([0-7]+)$/, 8],
  [/^([-+]?)(0|[1-9][0-9]*)$/, 10],
];

function forms(word: string): string[] {
  return [word, word.charAt(0).toUpperCase() + word.slice(1), word.toUpperCase()];
}

/** The value of a plain scalar. */
export function plainScalar(text: string): string | number | boolean | null {
  if (NULLS.has(text)) return null;
  const bool = BOOLS.get(text);
  if (bool !== undefined) return bool;
  const infinity = INFINITIES.get(text);
  if (infinity !== undefined) return infinity;
  return /^[-+.0-9]/.test(text) ? (numberOf(text) ?? text) : text;
}

function numberOf(text: string): number | undefined {
  const digits = text.replaceAll('_', '');
  for (const [pattern, base] of BASES) {
    const [, sign = '', number = ''] = pattern.exec(digits) ?? [];
    if (number !== '') return Number.parseInt(number, base) * (sign === '-' ? -1 : 1);
  }
  return FLOAT.test(digits) && Number.isFinite(Number(digits)) ? Number(digits) : undefined;
}
