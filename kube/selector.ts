// Label selectors in both forms: text (`a=b,c in (d)`) and the LabelSelector of specs.
import { child, type FieldError, forbiddenField, index, invalidValue, required } from './field-error.ts';
import { faultsAt, labelValue, qualifiedName, validateLabels } from './names.ts';
import { type LabelOperator, matchesRequirement, type Requirement, requirement, requirementText, SelectorError } from './requirement.ts';
import { parseRequirements } from './selector-parser.ts';

export { SelectorError } from './requirement.ts';

export interface LabelSelectorRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[] | null;
}

/** As in specs: all parts must match. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>> | null;
  readonly matchExpressions?: readonly LabelSelectorRequirement[] | null;
}

export interface Selector {
  /** Undefined labels are no labels. */
  matches(labels: Readonly<Record<string, string>> | undefined): boolean;
  /** Matches everything. */
  readonly empty: boolean;
  /** Requirements in order of their keys. */
  readonly requirements: readonly Requirement[];
  /** Canonical text. */
  toString(): string;
}

const NO_LABELS: Readonly<Record<string, string>> = {};

function selector(unordered: readonly Requirement[]): Selector {
  const requirements = [...unordered].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return {
    matches: (labels = NO_LABELS) => requirements.every(r => matchesRequirement(r, labels)),
    empty: requirements.length === 0,
    requirements,
    toString: () => requirements.map(requirementText).join(','),
  };
}

/** Matches every object. */
const everything: Selector = selector([]);
/** Matches no object. */
export const nothing: Selector = { matches: () => false, empty: false, requirements: [], toString: () => '' };

/** Reads the text form; throws a SelectorError. */
export function parseLabelSelector(text: string): Selector {
  return text === '' ? everything : selector(parseRequirements(text));
}

const OPERATORS: ReadonlyMap<string, LabelOperator> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
]);

/** The selector of a spec: undefined matches nothing, `{}` everything. Throws a SelectorError. */
export function labelSelector(s: LabelSelector | null | undefined): Selector {
  if (s === undefined || s === null) return nothing;
  const exact = Object.entries(s.matchLabels ?? {}).map(([key, value]) => requirement(key, '=', [value]));
  const expressions = (s.matchExpressions ?? []).map(e => {
    const operator = OPERATORS.get(e.operator);
    if (!operator) throw new SelectorError(`${JSON.stringify(e.operator)} is not a valid label selector operator`);
    return requirement(e.key, operator, e.values ?? []);
  });
  return selector([...exact, ...expressions]);
}

/** The text of a selector in a table: `<none>` where it is empty, `<error>` where it is broken. */
export function formatLabelSelector(s: LabelSelector | null | undefined): string {
  try {
    return labelSelector(s).toString() || '<none>';
  } catch (error) {
    if (error instanceof SelectorError) return '<error>';
    throw error;
  }
}

/** Faults of a LabelSelector in a spec. */
export function validateLabelSelector(s: LabelSelector | null | undefined, path: string): FieldError[] {
  if (!s) return [];
  return [
    ...validateLabels(s.matchLabels ?? {}, child(path, 'matchLabels')),
    ...(s.matchExpressions ?? []).flatMap((e, i) => validateExpression(e, index(child(path, 'matchExpressions'), i))),
  ];
}

function validateExpression(e: LabelSelectorRequirement, path: string): FieldError[] {
  const values = e.values ?? [];
  const errors: FieldError[] = [];
  if (e.operator === 'In' || e.operator === 'NotIn') {
    if (values.length === 0) errors.push(required(child(path, 'values'), "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (e.operator === 'Exists' || e.operator === 'DoesNotExist') {
    if (values.length > 0) {
      errors.push(forbiddenField(child(path, 'values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    }
  } else errors.push(invalidValue(child(path, 'operator'), e.operator ?? '', 'not a valid selector operator'));
  errors.push(...faultsAt(qualifiedName, e.key ?? '', child(path, 'key')));
  errors.push(...values.flatMap((value, i) => faultsAt(labelValue, value, index(child(path, 'values'), i))));
  return errors;
}
