import { child, duplicate, index, invalidValue, notNegative, notSupported, oneOf, required, texts, tooLong } from './checks.ts';
import { printGo } from './go-print.ts';
import { qualifiedName } from './names.ts';
import { type Faults, has, items, number, type Obj, optional, sub, text } from './read.ts';

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];

export function failurePolicy(faults: Faults, path: string, spec: Obj, policy: Obj): void {
  const names = new Set(
    ['containers', 'initContainers'].flatMap(key => items(sub(sub(spec, 'template'), 'spec'), key).map(c => text(c, 'name'))),
  );
  const rules = child(child(path, 'podFailurePolicy'), 'rules');
  const list = items(policy, 'rules');
  if (list.length > 20) faults.push(tooLong(rules, 20));
  list.forEach((rule, i) => {
    failureRule(faults, index(rules, i), { rule, spec, names });
  });
}

interface FailureRule {
  readonly rule: Obj;
  readonly spec: Obj;
  readonly names: ReadonlySet<string>;
}

function failureRule(faults: Faults, at: string, { rule, spec, names }: FailureRule): void {
  const action = text(rule, 'action');
  const codes = optional(rule, 'onExitCodes');
  if (action === '') faults.push(required(child(at, 'action'), `valid values: ${ACTIONS.map(a => JSON.stringify(a)).join(', ')}`));
  else if (action === 'FailIndex' && !has(spec, 'backoffLimitPerIndex'))
    faults.push(invalidValue(child(at, 'action'), action, 'requires the backoffLimitPerIndex to be set'));
  else if (!ACTIONS.includes(action)) faults.push(notSupported(child(at, 'action'), action, ACTIONS));
  if (codes) exitCodes(faults, child(at, 'onExitCodes'), codes, names);
  const conditions = items(rule, 'onPodConditions');
  conditions.forEach((c, i) => {
    podCondition(faults, index(child(at, 'onPodConditions'), i), c);
  });
  if (codes && conditions.length > 0) faults.push(bare(at, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  if (!codes && conditions.length === 0) faults.push(bare(at, 'specifying one of OnExitCodes and OnPodConditions is required'));
}

/** An Invalid fault that shows no value of its own. */
function bare(path: string, why: string): Faults[number] {
  const body = `Invalid value: ${why}`;
  return { reason: 'FieldValueInvalid', field: path, body, text: `${path}: ${body}` };
}

function exitCodes(faults: Faults, at: string, codes: Obj, names: ReadonlySet<string>): void {
  const operator = text(codes, 'operator');
  if (operator === '') faults.push(required(child(at, 'operator'), 'valid values: "In", "NotIn"'));
  else oneOf(faults, child(at, 'operator'), operator, ['In', 'NotIn']);
  if (has(codes, 'containerName') && !names.has(text(codes, 'containerName')))
    faults.push(
      invalidValue(
        child(at, 'containerName'),
        text(codes, 'containerName'),
        'must be one of the container or initContainer names in the pod template',
      ),
    );
  const values = (Array.isArray(codes['values']) ? codes['values'] : []) as number[];
  const path = child(at, 'values');
  if (values.length === 0) faults.push(invalidValue(path, has(codes, 'values') ? values : null, 'at least one value is required'));
  if (values.length > 255) faults.push(tooLong(path, 255));
  let ordered = true;
  values.forEach((v, i) => {
    if (operator === 'In' && v === 0) faults.push(invalidValue(index(path, i), v, 'must not be 0 for the In operator'));
    if (i > 0 && (values[i - 1] ?? 0) > v) ordered = false;
    if (i > 0 && values[i - 1] === v) faults.push(duplicate(index(path, i), v));
  });
  if (!ordered) faults.push(invalidValue(path, values, 'must be ordered'));
}

function podCondition(faults: Faults, at: string, c: Obj): void {
  texts(faults, child(at, 'type'), text(c, 'type'), qualifiedName(text(c, 'type')));
  const status = text(c, 'status');
  if (status === '') faults.push(required(child(at, 'status'), 'valid values: "False", "True", "Unknown"'));
  else oneOf(faults, child(at, 'status'), status, ['False', 'True', 'Unknown']);
}

export function successPolicy(faults: Faults, at: string, spec: Obj, policy: Obj): void {
  if (text(spec, 'completionMode') !== 'Indexed') {
    faults.push(invalidValue(at, printGo('SuccessPolicy', policy), 'requires indexed completion mode'));
    return;
  }
  const rules = items(policy, 'rules');
  if (rules.length === 0)
    faults.push(required(child(at, 'rules'), 'at least one rules must be specified when the successPolicy is specified'));
  rules.forEach((r, i) => {
    const path = index(child(at, 'rules'), i);
    if (!has(r, 'succeededIndexes') && !has(r, 'succeededCount'))
      faults.push(required(path, 'at least one of succeededCount or succeededIndexes must be specified'));
    if (has(r, 'succeededCount')) {
      notNegative(faults, child(path, 'succeededCount'), number(r, 'succeededCount'));
      if (number(r, 'succeededCount') > number(spec, 'completions'))
        faults.push(
          invalidValue(
            child(path, 'succeededCount'),
            number(r, 'succeededCount'),
            `must be less than or equal to ${number(spec, 'completions')} (the number of specified completions)`,
          ),
        );
    }
  });
}
