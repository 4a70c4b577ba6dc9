// Match expressions as node selectors and field selectors of policies write them: the operators of label selectors, and
// Gt and Lt over integers.
import { type LabelOperator, matchesRequirement, requirement, SelectorError } from './requirement.ts';

export interface MatchExpression {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[] | null;
}

const OPERATORS: ReadonlyMap<string, LabelOperator> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
  ['Gt', 'gt'],
  ['Lt', 'lt'],
]);

/** All expressions must match; throws a SelectorError where one breaks a rule. */
export function matchExpressions(expressions: readonly MatchExpression[]): (values: Readonly<Record<string, string>>) => boolean {
  const requirements = expressions.map(e => {
    const operator = OPERATORS.get(e.operator);
    if (!operator) throw new SelectorError(`${JSON.stringify(e.operator)} is not a valid selector operator`);
    return requirement(e.key, operator, e.values ?? []);
  });
  return values => requirements.every(r => matchesRequirement(r, values));
}
