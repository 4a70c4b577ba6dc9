import { describe, expect, it } from 'vitest';
import { evaluateJsonPath } from './template.ts';

const status = {
  replicas: 3,
  ratio: 1.5,
  many: 1234567,
  nothing: null,
  list: [1, 2, 3, 4],
  pods: [{ name: 'one', ready: true, at: 1.5 }, { name: 'two', ready: false, at: 2.5 }, { at: 3.5 }],
  named: [
    { type: 'Ready', status: 'True' },
    { type: 'Late', status: 'False' },
  ],
  map: { z: 'last', a: 'first', 'with-dash': 'd', 'with.dot': 'dot' },
};

describe('a JSONPath template', () => {
  it.each([
    ['{.replicas}', '3'],
    ['{ $.map.a }', 'first'],
    ['{.map .a}', 'first'],
    ['{@.ratio}', '1.5'],
    ['{.many}', '1.234567e+06'],
    ['{.nothing}', 'null'],
    ['{.map}', '{"a":"first","with-dash":"d","with.dot":"dot","z":"last"}'],
    ['{.map.with-dash}', 'd'],
    ['{.map.with\\.dot}', 'dot'],
    ["{.map['z']}", 'last'],
    ["{.map['a','z']}", 'first last'],
    ['{.list}', '[1,2,3,4]'],
    ['{.list[*]}', '1 2 3 4'],
    ['{.list[-1]}', '4'],
    ['{.list[1:3]}', '2 3'],
    ['{.list[::2]}', '1 3'],
    ['{.list[0,2]}', '1 3'],
    ['{.pods[*].name}', 'one two'],
    ["{.pods[*]['name','at']}", 'one two 1.5 2.5 3.5'],
    ['{.pods[?(@.at>2.0)].at}', '2.5 3.5'],
    ['{.pods[?(@.name)].at}', '1.5 2.5'],
    ['{.named[?(@.type=="Ready")].status}', 'True'],
    ['{..type}', 'Ready Late'],
    ['v{.replicas}-{.ratio}', 'v3-1.5'],
    ['{range .named[*]}{.type}={.status}{"\\n"}{end}.', 'Ready=True\nLate=False\n.'],
    ['{range .list[*]}', ''],
    ['{true} {5}', 'true 5'],
    ['text', 'text'],
  ])('%s is %s', (template, text) => expect(evaluateJsonPath(status, template)).toBe(text));

  it.each([
    ['{.missing}', 'missing is not found'],
    ['{.nothing.x}', 'x is not found'],
    ['{..missing}', 'missing is not found'],
    ["{.map['with.dot']}", 'with is not found'],
    ['{.list[9]}', 'array index out of bounds: index 9, length 4'],
    ['{.list[1:9]}', 'array index out of bounds: index 8, length 4'],
    ['{.list[3:1]}', 'starting index 3 is greater than ending index 1'],
    ['{.list[::-1]}', 'step must be > 0'],
    ['{.list[ 0 ]}', 'invalid array index  0 '],
    ['{.list[?(@>2)]}', 'incompatible types for comparison'],
    ['{.pods[?(@.name=="one")].at}', 'name is not found'],
    ['{replicas}', 'unrecognized identifier replicas'],
    ['{end}', 'not in range, nothing to end'],
    ['{.replicas', 'unclosed action'],
  ])('%s cannot be evaluated: %s', (template, message) => expect(() => evaluateJsonPath(status, template)).toThrow(message));
});
