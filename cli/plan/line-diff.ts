// The difference of two texts, line by line: what is common stays, the rest is taken away or added. The middle that differs is
// compared exactly up to a size; beyond that it is replaced as a whole.

const MAX_CELLS = 4_000_000;
const CONTEXT = 3;

type Line = readonly [sign: ' ' | '-' | '+', text: string];

/** Lines with ' ', '-' or '+' before them; three common lines around each change, and `…` for those left out. */
export function lineDiff(before: string, after: string): string[] {
  if (before === after) return [];
  const [a, b] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const lines: Line[] = [
    ...common(a.slice(0, start)),
    ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...common(a.slice(a.length - end)),
  ];
  return shortened(lines);
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));
const common = (lines: readonly string[]): Line[] => lines.map(text => [' ', text]);

function middle(a: readonly string[], b: readonly string[]): Line[] {
  const all: Line[] = [...a.map((text): Line => ['-', text]), ...b.map((text): Line => ['+', text])];
  if (a.length === 0 || b.length === 0 || a.length * b.length > MAX_CELLS) return all;
  const lengths = commonLengths(a, b);
  const at = (i: number, j: number): number => lengths[i * (b.length + 1) + j] ?? 0;
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push([' ', a[i++] ?? '']);
      j++;
    } else if (i < a.length && (j === b.length || at(i + 1, j) >= at(i, j + 1))) lines.push(['-', a[i++] ?? '']);
    else lines.push(['+', b[j++] ?? '']);
  }
  return lines;
}

/** For each pair of ends the length of the longest common subsequence from there on. */
function commonLengths(a: readonly string[], b: readonly string[]): Int32Array {
  const width = b.length + 1;
  const lengths = new Int32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const [down = 0, right = 0, both = 0] = [lengths[(i + 1) * width + j], lengths[i * width + j + 1], lengths[(i + 1) * width + j + 1]];
      lengths[i * width + j] = a[i] === b[j] ? both + 1 : Math.max(down, right);
    }
  }
  return lengths;
}

function shortened(lines: readonly Line[]): string[] {
  const near = lines.map((_, i) => lines.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).some(([sign]) => sign !== ' '));
  const result: string[] = [];
  for (const [i, [sign, text]] of lines.entries()) {
    if (near[i]) result.push(`${sign}${text}`);
    else if (i === 0 || near[i - 1]) result.push('…');
  }
  return result;
}
