// Custom objects against a schema: unknown fields, defaults, faults and their order, ratcheting on update.
import { applyDefaults } from '../../../../apiserver/crd/defaults.ts';
import { prune } from '../../../../apiserver/crd/prune.ts';
import { compileSchema, type Schema } from '../../../../apiserver/crd/schema.ts';
import { validateChange, validateNew } from '../../../../apiserver/crd/validate-object.ts';
import { clone, equal, type FieldError, invalid, noteLiterals, objectOf, stringOf } from '../../../../kube/index.ts';
import { agree, differ, type Suite, type Verdict } from '../../suite.ts';
import { sameStatus } from './crd-compare.ts';

interface Input {
  readonly schema: unknown;
  readonly op: string;
  readonly fieldValidation?: string;
  readonly body: Record<string, unknown>;
  readonly old?: unknown;
}

interface Output {
  readonly code: number;
  readonly object?: unknown;
  readonly status?: Record<string, unknown>;
  readonly warnings?: readonly string[];
  readonly unordered?: boolean;
}

const schemas = new Map<string, Schema>();

function schemaOf(raw: unknown): Schema {
  const text = JSON.stringify(raw);
  const schema = schemas.get(text) ?? compileSchema(raw);
  schemas.set(text, schema);
  return schema;
}

function strictStatus(kind: string, paths: readonly string[]): Record<string, unknown> {
  const list = paths.map(p => `unknown field "${p}"`).join(', ');
  return {
    status: 'Failure',
    message: `${kind} in version "v1" cannot be handled as a ${kind}: strict decoding error: ${list}`,
    reason: 'BadRequest',
    code: 400,
  };
}

function answer(input: Input): Output {
  const { op, fieldValidation = 'Warn' } = input;
  const schema = schemaOf(input.schema);
  const object = clone(input.body);
  const kind = stringOf(object['kind']);
  const unknown = prune(object, schema);
  if (fieldValidation === 'Strict' && unknown.length > 0) return { code: 400, status: strictStatus(kind, unknown) };
  applyDefaults(object, schema);
  const warnings = fieldValidation === 'Warn' && unknown.length > 0 ? { warnings: unknown.map(p => `unknown field "${p}"`) } : {};
  const errors: FieldError[] = op === 'create' ? validateNew(object, schema) : validateChange(object, input.old, schema);
  if (errors.length === 0) return { code: op === 'create' ? 201 : 200, object, ...warnings };
  const error = invalid({ group: 'val.example.com', kind, name: stringOf(objectOf(object['metadata'])['name']) }, errors);
  const { kind: _kind, apiVersion: _version, metadata: _metadata, ...status } = error.toStatus();
  return { code: 422, status, ...warnings };
}

function judge(got: Output, want: Output): Verdict {
  const same =
    got.code === want.code &&
    equal(got.warnings ?? [], want.warnings ?? []) &&
    (want.status ? sameStatus(got.status, want.status, want.unordered === true) : equal(got.object, want.object));
  if (same) return agree;
  const shuffled = want.status !== undefined && got.code === want.code && sameStatus(got.status, want.status, true);
  return differ(got, want, shuffled ? 'the reference walks a hash map: causes of different properties come in any order' : undefined);
}

export const suite: Suite = {
  check(c) {
    noteLiterals(c.line, c);
    return judge(answer(c.in as unknown as Input), c.out as Output);
  },
};
