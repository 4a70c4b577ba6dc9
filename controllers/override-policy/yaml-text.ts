// YAML 1.1 text to JSON text and back, as Kubernetes' YAML library does it: anchors and `<<` resolved, dates and times of day stay strings, keys sorted;
// on the way back block style, lists not indented, quotes only where a plain scalar would be read as something else.
import { type DocumentOptions, type ParseOptions, parse, type SchemaOptions, type Tags } from 'yaml';
import { isObject } from '../../kube/index.ts';
import { compareKeys, scalarText } from './yaml-scalar.ts';

const TIMESTAMP = 'tag:yaml.org,2002:timestamp';

const OPTIONS: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.1',
  schema: 'yaml-1.1',
  merge: true,
  intAsBigInt: true,
  customTags: (tags: Tags) => tags.filter(t => typeof t === 'string' || (t.format !== 'TIME' && t.tag !== TIMESTAMP)),
};

/** Throws where the text is not YAML, or holds what JSON cannot say (infinity, not-a-number). */
export function yamlToJson(text: string): string {
  return jsonOf(parse(text, OPTIONS) as unknown);
}

function jsonOf(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`unsupported value: ${value}`);
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(',')}]`;
  if (isObject(value)) {
    const keys = Object.keys(value).sort((a, b) => (a < b ? -1 : 1));
    return `{${keys.map(key => `${JSON.stringify(key)}:${jsonOf(value[key])}`).join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}

/** The YAML document of a JSON text, with its final line end. */
export function jsonToYaml(text: string): string {
  return block(parse(text, OPTIONS) as unknown, 0);
}

/** A value on lines of its own. */
function block(value: unknown, indent: number): string {
  if (Array.isArray(value) && value.length > 0) return value.map(item => `${' '.repeat(indent)}- ${afterDash(item, indent)}`).join('');
  if (isObject(value) && Object.keys(value).length > 0) {
    const keys = Object.keys(value).sort(compareKeys);
    return keys.map(key => `${' '.repeat(indent)}${scalarText(key, { indent, key: true })}:${afterColon(value[key], indent)}`).join('');
  }
  return `${flow(value, indent)}\n`;
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : isObject(value) && Object.keys(value).length > 0;
}

function afterDash(item: unknown, indent: number): string {
  return isFilled(item) ? block(item, indent + 2).slice(indent + 2) : `${flow(item, indent + 2)}\n`;
}

function afterColon(value: unknown, indent: number): string {
  if (!isFilled(value)) return ` ${flow(value, indent + 2)}\n`;
  return `\n${block(value, Array.isArray(value) ? indent : indent + 2)}`;
}

function flow(value: unknown, indent: number): string {
  if (Array.isArray(value)) return '[]';
  if (isObject(value)) return '{}';
  return scalarText(value, { indent, key: false });
}
