import { describe, expect, it } from 'vitest';
import { compileSchema } from '../crd/schema.ts';
import { validateChange, validateNew } from '../crd/validate-object.ts';
import { compileExpression } from './expression.ts';
import { ruleRunner } from './run-rules.ts';
import { INT, STRING } from './types.ts';

const run = (source: string): unknown => compileExpression(source, new Map()).run({ variables: new Map(), budget: { left: 1e6 } });

describe('expressions', () => {
  it('evaluate operators by precedence', () => {
    expect(run('1 + 2 * 3 == 7 && !(4 % 3 != 1)')).toBe(true);
  });

  it('let the deciding side of a logical operator win over a fault', () => {
    expect(run('1 / 0 == 1 || true')).toBe(true);
    expect(() => run('1 / 0 == 1 || false')).toThrow('division by zero');
  });

  it('do not compile when types do not fit', () => {
    expect(() =>
      compileExpression(
        'a == b',
        new Map([
          ['a', INT],
          ['b', STRING],
        ]),
      ),
    ).toThrow(
      "compilation failed: ERROR: <input>:1:3: found no matching overload for '_==_' applied to '(int, string)'\n | a == b\n | ..^",
    );
  });

  it('stop when their budget is used up', () => {
    const big = compileExpression('lists.range(1000).all(i, lists.range(1000).all(j, i + j >= 0))', new Map());
    expect(() => big.run({ variables: new Map(), budget: { left: 1000 } })).toThrow('actual cost limit exceeded');
  });

  it('cost more the larger the values may be', () => {
    const text = (max: number) => new Map([['s', { ...STRING, max }]]);
    expect(compileExpression("s.contains('x')", text(1000)).cost).toBeGreaterThan(compileExpression("s.contains('x')", text(10)).cost);
  });
});

describe('rules of a schema', () => {
  const schema = compileSchema({
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          min: { type: 'integer' },
          max: { type: 'integer' },
          fixed: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'fixed is immutable' }] },
        },
        'x-kubernetes-validations': [{ rule: 'self.min <= self.max', messageExpression: "'min ' + string(self.min) + ' is above max'" }],
      },
    },
  });
  const rules = ruleRunner(schema);
  const object = (spec: unknown) => ({ apiVersion: 'a/v1', kind: 'A', metadata: { name: 'x' }, spec });

  it('refuse an object with the message they make', () => {
    expect(validateNew(object({ min: 3, max: 1 }), schema, rules).map(e => e.text)).toEqual(['spec: Invalid value: min 3 is above max']);
    expect(validateNew(object({ min: 1, max: 1 }), schema, rules)).toEqual([]);
  });

  it('about changes run only on update', () => {
    expect(validateNew(object({ min: 1, max: 1, fixed: 'a' }), schema, rules)).toEqual([]);
    const errors = validateChange(object({ min: 1, max: 1, fixed: 'b' }), object({ min: 1, max: 1, fixed: 'a' }), schema, rules);
    expect(errors.map(e => e.text)).toEqual(['spec.fixed: Invalid value: "b": fixed is immutable']);
  });

  it('tolerate what was wrong before and did not change', () => {
    const broken = object({ min: 3, max: 1 });
    expect(validateChange(broken, object({ min: 3, max: 1 }), schema, rules)).toEqual([]);
  });
});
