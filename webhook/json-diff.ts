// The JSON Patch (RFC 6902) that makes one object out of another: what a mutating webhook answers with.
import { equal, isObject } from '../kube/index.ts';

export interface Operation {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path: string;
  readonly value?: unknown;
}

const escaped = (key: string): string => key.replace(/~/g, '~0').replace(/\//g, '~1');

/** An undefined field is none: JSON does not carry it. */
const has = (object: Record<string, unknown>, key: string): boolean => Object.hasOwn(object, key) && object[key] !== undefined;

/** Objects are compared key by key; a list that differs is replaced as a whole. */
export function jsonDiff(from: unknown, to: unknown, path = ''): readonly Operation[] {
  if (equal(from, to)) return [];
  if (!isObject(from) || !isObject(to)) return [{ op: 'replace', path, value: to }];
  const removed = Object.keys(from).filter(key => !has(to, key));
  return [
    ...removed.map((key): Operation => ({ op: 'remove', path: `${path}/${escaped(key)}` })),
    ...Object.keys(to).flatMap((key): readonly Operation[] => {
      if (!has(to, key)) return [];
      const at = `${path}/${escaped(key)}`;
      return !has(from, key) ? [{ op: 'add', path: at, value: to[key] }] : jsonDiff(from[key], to[key], at);
    }),
  ];
}
