// Numbers about a process. Code that works adds to plain fields; text is made only when somebody asks for it, in the exposition
// format of Prometheus. One `Metrics` is made by the command line and passed to whoever counts: there is no global registry.

export interface Series {
  /** Adds to it; 1 without a number. */
  add(by?: number): void;
}

export interface HistogramSeries {
  observe(value: number): void;
}

export interface Family<S> {
  /** The series of these label values, in the order of the family's labels; keep it where it is used often. */
  of(...values: readonly string[]): S;
}

/** Label values and a number, read when somebody asks. */
export type Reading = readonly [values: readonly string[], value: number];

/** A family that grows beyond this takes no new series: label values come from requests. */
const MAX_SERIES = 4096;

interface Described {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

export class Metrics {
  readonly #families = new Map<string, { readonly lines: () => Iterable<string> }>();

  /** The counter of that name; asked for again, the same one. */
  counter(o: Described): Family<Series> {
    return this.#once(o.name, () => new CounterFamily(o));
  }

  histogram(o: Described & { readonly buckets: readonly number[] }): Family<HistogramSeries> {
    return this.#once(o.name, () => new HistogramFamily(o));
  }

  /** A gauge, or a counter that is kept elsewhere: read when somebody asks. Several readers add their readings. */
  read(o: Described & { readonly type?: 'gauge' | 'counter' }, readings: () => Iterable<Reading>): void {
    this.#once(o.name, () => new ReadFamily(o)).readers.push(readings);
  }

  text(): string {
    const lines: string[] = [];
    for (const family of this.#families.values()) lines.push(...family.lines());
    return lines.length > 0 ? `${lines.join('\n')}\n` : '';
  }

  #once<F extends { readonly lines: () => Iterable<string> }>(name: string, make: () => F): F {
    const known = this.#families.get(name);
    if (known) return known as F;
    const made = make();
    this.#families.set(name, made);
    return made;
  }
}

class SeriesMap<S> {
  readonly all = new Map<string, { readonly values: readonly string[]; readonly series: S }>();

  of(values: readonly string[], make: () => S): S {
    const key = values.join('\u0000');
    const known = this.all.get(key);
    if (known) return known.series;
    const series = make();
    if (this.all.size < MAX_SERIES) this.all.set(key, { values, series });
    return series;
  }
}

class Counted implements Series {
  value = 0;
  add(by = 1): void {
    this.value += by;
  }
}

class CounterFamily implements Family<Series> {
  readonly #o: Described;
  readonly #series = new SeriesMap<Counted>();

  constructor(o: Described) {
    this.#o = o;
  }

  of(...values: readonly string[]): Series {
    return this.#series.of(values, () => new Counted());
  }

  *lines(): Iterable<string> {
    if (this.#series.all.size > 0) yield* header(this.#o, 'counter');
    for (const { values, series } of this.#series.all.values()) yield sample(this.#o.name, labelText(this.#o.labels, values), series.value);
  }
}

class Observed implements HistogramSeries {
  readonly bounds: readonly number[];
  /** The last one counts what is above every bound. */
  readonly counts: number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    let at = 0;
    while (at < this.bounds.length && value > (this.bounds[at] ?? 0)) at++;
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.sum += value;
  }
}

class HistogramFamily implements Family<HistogramSeries> {
  readonly #o: Described & { readonly buckets: readonly number[] };
  readonly #series = new SeriesMap<Observed>();

  constructor(o: Described & { readonly buckets: readonly number[] }) {
    this.#o = o;
  }

  of(...values: readonly string[]): HistogramSeries {
    return this.#series.of(values, () => new Observed(this.#o.buckets));
  }

  *lines(): Iterable<string> {
    const { name, labels } = this.#o;
    if (this.#series.all.size > 0) yield* header(this.#o, 'histogram');
    for (const { values, series } of this.#series.all.values()) {
      let below = 0;
      for (const [i, count] of series.counts.entries()) {
        below += count;
        const bound = series.bounds[i];
        yield sample(
          `${name}_bucket`,
          labelText([...(labels ?? []), 'le'], [...values, bound === undefined ? '+Inf' : String(bound)]),
          below,
        );
      }
      yield sample(`${name}_sum`, labelText(labels, values), series.sum);
      yield sample(`${name}_count`, labelText(labels, values), below);
    }
  }
}

class ReadFamily {
  readonly #o: Described & { readonly type?: 'gauge' | 'counter' };
  readonly readers: (() => Iterable<Reading>)[] = [];

  constructor(o: Described & { readonly type?: 'gauge' | 'counter' }) {
    this.#o = o;
  }

  *lines(): Iterable<string> {
    const sums = new Map<string, number>();
    for (const reader of this.readers)
      for (const [values, value] of reader()) {
        const text = labelText(this.#o.labels, values);
        sums.set(text, (sums.get(text) ?? 0) + value);
      }
    if (sums.size > 0) yield* header(this.#o, this.#o.type ?? 'gauge');
    for (const [text, value] of sums) yield sample(this.#o.name, text, value);
  }
}

function* header(o: Described, type: string): Iterable<string> {
  yield `# HELP ${o.name} ${o.help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}`;
  yield `# TYPE ${o.name} ${type}`;
}

const sample = (name: string, labels: string, value: number): string => `${name}${labels} ${value}`;

function labelText(names: readonly string[] | undefined, values: readonly string[]): string {
  if (!names?.length) return '';
  return `{${names.map((name, i) => `${name}="${escaped(values[i] ?? '')}"`).join(',')}}`;
}

const escaped = (text: string): string => text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');

/** `count` bounds from `start`, each `factor` times the one before. */
export const exponentialBuckets = (start: number, factor: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => Number((start * factor ** i).toPrecision(12)));
