// One clause of a label selector: how it is checked, printed and matched.
import { type FieldError, invalidValue } from './field-error.ts';
import { labelValue, qualifiedName } from './names.ts';

/** The operators of the text form; LabelSelector knows only In, NotIn, Exists, DoesNotExist. */
export type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

export interface Requirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

/** A selector that does not parse or breaks a rule; the message is the reference's. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
}

const NO_PATH = '<nil>';

/** The fault of a label key, as a field error at `path`. */
function keyFaults(key: string, path: string): FieldError[] {
  const faults = qualifiedName(key);
  return faults.length ? [invalidValue(path, key, faults.join('; '))] : [];
}

/** Refuses a key before its requirement is known. */
export function checkKey(key: string): void {
  refuse(keyFaults(key, NO_PATH));
}

function refuse(errors: readonly FieldError[]): void {
  const texts = [...new Set(errors.map(e => e.text))];
  if (texts.length) throw new SelectorError(texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`);
}

/** A checked requirement; throws a SelectorError. */
export function requirement(key: string, operator: LabelOperator, values: readonly string[]): Requirement {
  const shown = values.length ? values : undefined;
  const errors = keyFaults(key, 'key');
  const wrong = countFault(operator, values.length);
  if (wrong) errors.push(invalidValue('values', shown, wrong));
  if (operator === 'gt' || operator === 'lt') {
    for (const [i, value] of values.entries()) {
      if (integerOf(value) === undefined) {
        errors.push(invalidValue(`values[${i}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer"));
      }
    }
  }
  for (const [i, value] of values.entries()) {
    const faults = labelValue(value);
    if (faults.length) errors.push(invalidValue(`values[${i}][${key}]`, value, faults.join('; ')));
  }
  refuse(errors);
  return { key, operator, values };
}

function countFault(operator: LabelOperator, count: number): string | undefined {
  switch (operator) {
    case 'in':
    case 'notin':
      return count ? undefined : "for 'in', 'notin' operators, values set can't be empty";
    case 'exists':
    case '!':
      return count ? 'values set must be empty for exists and does not exist' : undefined;
    case 'gt':
    case 'lt':
      return count === 1 ? undefined : "for 'Gt', 'Lt' operators, exactly one value is required";
    default:
      return count === 1 ? undefined : 'exact-match compatibility requires one single value';
  }
}

/** A 64-bit decimal integer, undefined if the text is none. */
function integerOf(text: string): bigint | undefined {
  if (!/^[-+]?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ''));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

export function matchesRequirement(r: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, r.key) ? labels[r.key] : undefined;
  switch (r.operator) {
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case '=':
    case '==':
    case 'in':
      return value !== undefined && r.values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !r.values.includes(value);
    default:
      return value !== undefined && compares(r, value);
  }
}

function compares(r: Requirement, text: string): boolean {
  const bound = integerOf(r.values[0] ?? '');
  const value = integerOf(text);
  if (bound === undefined || value === undefined) return false;
  return r.operator === 'gt' ? value > bound : value < bound;
}

const SIGNS: Partial<Record<LabelOperator, string>> = { '=': '=', '==': '==', '!=': '!=', gt: '>', lt: '<' };

export function requirementText(r: Requirement): string {
  if (r.operator === 'exists') return r.key;
  if (r.operator === '!') return `!${r.key}`;
  const values = [...r.values].sort().join(',');
  const sign = SIGNS[r.operator];
  return sign ? `${r.key}${sign}${values}` : `${r.key} ${r.operator} (${values})`;
}
