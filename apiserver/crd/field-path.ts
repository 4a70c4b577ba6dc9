// Paths to a field of a schema as rules and selectable fields write them: `.spec.a`, `.m['a key']`.
import { field } from '../../kube/index.ts';
import { property, type RawSchema, schemaOf } from './raw-schema.ts';

export interface FoundField {
  /** Path as printed in field errors, from the schema the path starts at. */
  readonly path: string;
  readonly steps: readonly string[];
  readonly schema: RawSchema;
}

const NO_FIELD = { fault: 'does not refer to a valid field' };

/** The field a path refers to, or why it refers to none. */
export function findField(text: string, root: RawSchema): FoundField | { readonly fault: string } {
  let rest = text;
  let schema = root;
  let path = '';
  const steps: string[] = [];
  while (rest !== '') {
    const step = nextStep(rest);
    if ('fault' in step) return step;
    rest = rest.slice(step.length);
    const named = property(schema, step.name);
    const inner = named ?? schemaOf(schema['additionalProperties']);
    if (!inner) return NO_FIELD;
    path = named ? field.child(path, step.name) : field.mapKey(path, step.name);
    steps.push(step.name);
    schema = inner;
  }
  return steps.length > 0 ? { path, steps, schema } : NO_FIELD;
}

function nextStep(rest: string): { readonly name: string; readonly length: number } | { readonly fault: string } {
  const dotted = /^\.([^.[\]'\\]+)/.exec(rest);
  if (dotted) return { name: dotted[1] ?? '', length: dotted[0].length };
  const quoted = /^\['((?:[^'\\]|\\.)*)'\]/.exec(rest);
  if (quoted) return { name: (quoted[1] ?? '').replace(/\\(.)/g, '$1'), length: quoted[0].length };
  if (rest.startsWith('[')) return { fault: 'array notation is not allowed' };
  if (rest.startsWith('.')) return { fault: 'does not refer to a valid field' };
  return { fault: `expected [ or . but got: ${/^[^.[]+/.exec(rest)?.[0] ?? rest}` };
}
