import { describe, expect, it } from 'vitest';
import { jsonToYaml, yamlToJson } from './yaml-text.ts';

describe('YAML as Kubernetes reads and writes it', () => {
  it('reads YAML 1.1: plain words are booleans, leading zeros octal, times strings', () => {
    expect(yamlToJson('n: yes\nm: 010\nt: 12:30:45\nd: 2024-01-02\nbig: 12345678901234567890\n')).toBe(
      '{"big":12345678901234567890,"d":"2024-01-02","false":true,"m":8,"t":"12:30:45"}',
    );
  });

  it('resolves anchors and merges', () => {
    expect(yamlToJson('a: &x {k: 1}\nb:\n  <<: *x\n  m: 2\n')).toBe('{"a":{"k":1},"b":{"k":1,"m":2}}');
  });

  it('writes sorted keys, lists without indentation, and quotes what would be read as something else', () => {
    expect(jsonToYaml('{"z":[1,{"b":"y","a":null}],"a":"1","m":{},"t":"a: b","l":"x\\ny\\n"}')).toBe(
      'a: "1"\nl: |\n  x\n  y\nm: {}\nt: \'a: b\'\nz:\n- 1\n- a: null\n  b: "y"\n',
    );
  });

  it('breaks long plain texts behind column 80', () => {
    const words = Array.from({ length: 12 }, (_, i) => `word${i}word`).join(' ');
    const lines = jsonToYaml(JSON.stringify({ k: words }))
      .trimEnd()
      .split('\n');
    expect(lines.length).toBe(2);
    expect(yamlToJson(jsonToYaml(JSON.stringify({ k: words })))).toBe(JSON.stringify({ k: words }));
  });
});
