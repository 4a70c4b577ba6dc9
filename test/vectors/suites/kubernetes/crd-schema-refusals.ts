// CustomResourceDefinitions that are accepted or refused, with the texts of all faults.
import { crdRules } from '../../../../apiserver/crd/crd-rules.ts';
import { crdDecodeFault } from '../../../../apiserver/crd/decode-fault.ts';
import { clone, equal, type FieldError, field, invalid, objectOf, stringOf } from '../../../../kube/index.ts';
import { agree, differ, type Suite } from '../../suite.ts';
import { sameStatus } from './crd-compare.ts';

interface Output {
  readonly code: number;
  readonly object?: unknown;
  readonly status?: unknown;
  readonly warnings?: readonly string[];
  readonly unordered?: boolean;
}

function statusOf(code: number, o: { toStatus(): unknown }): Output {
  const { kind: _k, apiVersion: _v, metadata: _m, ...status } = o.toStatus() as Record<string, unknown>;
  return { code, status };
}

function create(input: Record<string, unknown>): Output {
  const object = clone(input);
  const fault = crdDecodeFault(object);
  if (fault) return statusOf(400, fault);
  crdRules.defaults(object);
  crdRules.prepareCreate?.(object);
  const name = stringOf(objectOf(object['metadata'])['name']);
  const errors: FieldError[] = name ? [] : [field.required('metadata.name', 'name or generateName is required')];
  errors.push(...crdRules.validate(object));
  if (errors.length > 0) return statusOf(422, invalid({ group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition', name }, errors));
  objectOf(object['metadata'])['generation'] = 1;
  return { code: 201, object, warnings: crdRules.warnings?.(object) ?? [] };
}

export const suite: Suite = {
  check(c) {
    const want = c.out as Output;
    const got = create(objectOf(c.in['crd']));
    const same =
      got.code === want.code &&
      (want.status
        ? sameStatus(got.status, want.status, want.unordered === true)
        : equal(got.object, want.object) && equal(got.warnings ?? [], want.warnings ?? []));
    return same ? agree : differ(got, want);
  },
};
