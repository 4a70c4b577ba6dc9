// The difference of two texts in unified form, with three lines around each change: what some refusals show. The matching
// is that of Python's difflib, so that the same pairs of lines are kept together.

type Block = readonly [a: number, b: number, size: number];

interface Match {
  readonly a: readonly string[];
  readonly b: readonly string[];
  readonly places: ReadonlyMap<string, readonly number[]>;
}

const POPULAR_FROM = 200;

function placesOf(lines: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  lines.forEach((line, i) => {
    const list = places.get(line);
    if (list) list.push(i);
    else places.set(line, [i]);
  });
  if (lines.length >= POPULAR_FROM) {
    const limit = Math.floor(lines.length / 100) + 1;
    for (const [line, list] of places) if (list.length > limit) places.delete(line);
  }
  return places;
}

function longest(m: Match, [alo, ahi]: readonly [number, number], [blo, bhi]: readonly [number, number]): Block {
  let [bi, bj, size] = [alo, blo, 0];
  let lengths = new Map<number, number>();
  for (let i = alo; i < ahi; i++) {
    const next = new Map<number, number>();
    for (const j of m.places.get(m.a[i] ?? '') ?? []) {
      if (j < blo) continue;
      if (j >= bhi) break;
      const k = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, k);
      if (k > size) [bi, bj, size] = [i - k + 1, j - k + 1, k];
    }
    lengths = next;
  }
  while (bi > alo && bj > blo && m.a[bi - 1] === m.b[bj - 1]) [bi, bj, size] = [bi - 1, bj - 1, size + 1];
  while (bi + size < ahi && bj + size < bhi && m.a[bi + size] === m.b[bj + size]) size++;
  return [bi, bj, size];
}

function blocks(m: Match): Block[] {
  const found: Block[] = [];
  const open: [number, number, number, number][] = [[0, m.a.length, 0, m.b.length]];
  for (let range = open.pop(); range; range = open.pop()) {
    const [alo, ahi, blo, bhi] = range;
    const [i, j, k] = longest(m, [alo, ahi], [blo, bhi]);
    if (k === 0) continue;
    found.push([i, j, k]);
    if (alo < i && blo < j) open.push([alo, i, blo, j]);
    if (i + k < ahi && j + k < bhi) open.push([i + k, ahi, j + k, bhi]);
  }
  return joined(found.sort((x, y) => x[0] - y[0] || x[1] - y[1]));
}

function joined(sorted: readonly Block[]): Block[] {
  const out: Block[] = [];
  for (const block of sorted) {
    const last = out.at(-1);
    if (last && last[0] + last[2] === block[0] && last[1] + last[2] === block[1])
      out[out.length - 1] = [last[0], last[1], last[2] + block[2]];
    else out.push(block);
  }
  return out;
}

/** [same, a from, a to, b from, b to] */
type Op = [same: boolean, i1: number, i2: number, j1: number, j2: number];

function operations(m: Match): Op[] {
  const out: Op[] = [];
  let [i, j] = [0, 0];
  for (const [ai, bj, size] of [...blocks(m), [m.a.length, m.b.length, 0] as const]) {
    if (i < ai || j < bj) out.push([false, i, ai, j, bj]);
    [i, j] = [ai + size, bj + size];
    if (size > 0) out.push([true, ai, i, bj, j]);
  }
  return out;
}

const CONTEXT = 3;

function groups(ops: readonly Op[]): Op[][] {
  const list = ops.map(op => [...op] as Op);
  const first = list[0];
  const last = list.at(-1);
  if (first?.[0]) [first[1], first[3]] = [Math.max(first[1], first[2] - CONTEXT), Math.max(first[3], first[4] - CONTEXT)];
  if (last?.[0]) [last[2], last[4]] = [Math.min(last[2], last[1] + CONTEXT), Math.min(last[4], last[3] + CONTEXT)];
  const out: Op[][] = [];
  let group: Op[] = [];
  for (const [same, i1, i2, j1, j2] of list) {
    if (same && i2 - i1 > 2 * CONTEXT) {
      group.push([same, i1, Math.min(i2, i1 + CONTEXT), j1, Math.min(j2, j1 + CONTEXT)]);
      out.push(group);
      group = [[same, Math.max(i1, i2 - CONTEXT), i2, Math.max(j1, j2 - CONTEXT), j2]];
    } else group.push([same, i1, i2, j1, j2]);
  }
  if (group.length > 0 && !(group.length === 1 && group[0]?.[0])) out.push(group);
  return out;
}

function range(from: number, to: number): string {
  const length = to - from;
  if (length === 1) return String(from + 1);
  return `${length === 0 ? from : from + 1},${length}`;
}

/** Unified difference of two lists of lines, each line ended. */
function unifiedDiff(a: readonly string[], b: readonly string[]): string {
  const m: Match = { a, b, places: placesOf(b) };
  let out = '';
  for (const group of groups(operations(m))) {
    const first = group[0];
    const last = group.at(-1);
    if (!first || !last) continue;
    out += `@@ -${range(first[1], last[2])} +${range(first[3], last[4])} @@\n`;
    for (const [same, i1, i2, j1, j2] of group) {
      if (same) for (const line of a.slice(i1, i2)) out += ` ${line}\n`;
      else {
        for (const line of a.slice(i1, i2)) out += `-${line}\n`;
        for (const line of b.slice(j1, j2)) out += `+${line}\n`;
      }
    }
  }
  return out;
}

/** Difference of two JSON values, printed with one blank of indent. */
export function jsonDiff(a: unknown, b: unknown): string {
  const lines = (v: unknown): string[] => JSON.stringify(v, null, 1).split('\n');
  return unifiedDiff(lines(a), lines(b));
}
