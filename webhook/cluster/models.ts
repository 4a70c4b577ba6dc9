// Resource models: classes of nodes by what they have free. Together they cover everything from zero to the largest number.
import { at, compareQuantities, type FieldError, listOf, objectOf, quantityOfJson, stringOf } from '../../kube/index.ts';
import { invalidAs } from '../print/invalid.ts';
import * as shapes from '../print/shapes.ts';

/** Stands for "no bound". */
const UNBOUNDED = '9223372036854775807';

const CPU = ['0', '1', '2', '4', '8', '16', '32', '64', '128', UNBOUNDED];
const MEMORY = ['0', '4Gi', '16Gi', '32Gi', '64Gi', '128Gi', '256Gi', '512Gi', '1Ti', UNBOUNDED];

interface Range {
  readonly name: string;
  readonly min: string;
  readonly max: string;
}
interface Model {
  readonly grade: number;
  readonly ranges: readonly Range[];
}

/** Nine grades of cpu and memory. */
export function defaultModels(): Model[] {
  const range = (name: string, bounds: readonly string[], i: number): Range => ({
    name,
    min: bounds[i] ?? '0',
    max: bounds[i + 1] ?? UNBOUNDED,
  });
  return Array.from({ length: CPU.length - 1 }, (_, grade) => ({
    grade,
    ranges: [range('cpu', CPU, grade), range('memory', MEMORY, grade)],
  }));
}

const gradeOf = (model: unknown): number => Number(at(model, 'grade') ?? 0);
const rangesOf = (model: unknown): Record<string, unknown>[] => listOf(at(model, 'ranges')).map(objectOf);

/** In order of grade, the first from zero, the last without bound. */
export function standardModels(models: readonly unknown[]): unknown[] {
  const sorted = [...models].sort((a, b) => gradeOf(a) - gradeOf(b)).map(objectOf);
  return sorted.map((model, i) => ({
    ...model,
    ranges: rangesOf(model).map(range => ({
      ...range,
      ...(i === 0 ? { min: '0' } : {}),
      ...(i === sorted.length - 1 ? { max: UNBOUNDED } : {}),
    })),
  }));
}

/** The first fault of the models, quoted with all of them. */
export function validateModels(models: readonly unknown[], path: string): FieldError[] {
  const fault = firstFault(models);
  return fault ? [invalidAs(path, models, shapes.resourceModels, fault)] : [];
}

function firstFault(models: readonly unknown[]): string | undefined {
  const grades = new Set<number>();
  for (const [i, model] of models.entries()) {
    if (grades.has(gradeOf(model))) return 'The grade of each models should not be the same';
    grades.add(gradeOf(model));
    const ranges = rangesOf(model);
    const before = i > 0 ? rangesOf(models[i - 1]) : undefined;
    if (before && before.length !== ranges.length) return 'The number of resource types should be the same';
    const fault = faultOfRanges({ ranges, before, after: models[i + 1] });
    if (fault) return fault;
  }
  return undefined;
}

/** The first fault of a model's ranges, next to those of the model before. */
function faultOfRanges(o: {
  readonly ranges: readonly Record<string, unknown>[];
  readonly before: readonly Record<string, unknown>[] | undefined;
  readonly after: unknown;
}): string | undefined {
  for (const [j, range] of o.ranges.entries()) {
    const fault = faultOfRange(range, o.before && objectOf(o.before[j]));
    if (fault) return fault;
    if (o.after === undefined && !isAmount(range['max'], UNBOUNDED))
      return 'The max value of each resource in the last model should be MaxInt64';
  }
  return undefined;
}

function faultOfRange(range: Record<string, unknown>, previous: Record<string, unknown> | undefined): string | undefined {
  if (compareQuantities(quantityOfJson(range['min']), quantityOfJson(range['max'])) >= 0) {
    return 'The max value of each resource must be greater than the min value';
  }
  if (!previous) return isAmount(range['min'], '0') ? undefined : 'The min value of each resource in the first model should be 0';
  if (stringOf(previous['name']) !== stringOf(range['name'])) return 'The resource types of each models should be the same';
  return isAmount(range['min'], previous['max']) ? undefined : 'Model intervals for resources must be contiguous and non-overlapping';
}

const isAmount = (a: unknown, b: unknown): boolean => compareQuantities(quantityOfJson(a), quantityOfJson(b)) === 0;
