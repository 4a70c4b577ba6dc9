// The rule every layer's dependencies pass before they are used: each reference is complete, or an error names every fault.
import { type FieldError, field, plain500 } from '../kube/index.ts';
import type { DependentObjectReference, LabelSelector } from './interpreter.ts';

/** The references themselves; throws a StatusError that lists what is wrong with them. */
export function checkDependencies(references: readonly DependentObjectReference[]): readonly DependentObjectReference[] {
  const texts = new Set(references.flatMap((reference, i) => faultsOf(reference, field.index('dependencies', i))).map(fault => fault.text));
  if (texts.size === 0) return references;
  const list = [...texts];
  throw plain500(list.length === 1 ? list.join('') : `[${list.join(', ')}]`);
}

function faultsOf(reference: DependentObjectReference, path: string): FieldError[] {
  const faults: FieldError[] = [];
  const { apiVersion, kind, namespace, name, labelSelector } = reference;
  if (!apiVersion) faults.push(field.invalidValue(`${path}.apiVersion`, apiVersion ?? '', 'missing required apiVersion'));
  if (!kind) faults.push(field.invalidValue(`${path}.kind`, kind ?? '', 'missing required kind'));
  if (!name && !labelSelector) {
    const printed = { apiVersion, kind, ...(namespace ? { namespace } : {}) };
    faults.push(field.invalidValue(path, printed, 'dependency can not leave name and labelSelector all empty'));
  }
  return labelSelector ? [...faults, ...selectorFaults(labelSelector, `${path}.labelSelector`)] : faults;
}

const NAME = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$/;
const PREFIX = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const VALUE_FORM =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const NAME_FORM =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

function selectorFaults(selector: LabelSelector, path: string): FieldError[] {
  const faults: FieldError[] = [];
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    if (!isQualifiedName(key)) faults.push(field.invalidValue(`${path}.matchLabels`, key, NAME_FORM));
    if (!isLabelValue(value)) faults.push(field.invalidValue(`${path}.matchLabels`, value, VALUE_FORM));
  }
  for (const [i, expression] of (selector.matchExpressions ?? []).entries()) {
    const at = field.index(`${path}.matchExpressions`, i);
    const values = expression.values ?? [];
    if (expression.operator === 'In' || expression.operator === 'NotIn') {
      if (values.length === 0) faults.push(field.required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (expression.operator === 'Exists' || expression.operator === 'DoesNotExist') {
      if (values.length > 0)
        faults.push(field.forbiddenField(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    } else faults.push(field.invalidValue(`${at}.operator`, expression.operator ?? '', 'not a valid selector operator'));
    if (!isQualifiedName(expression.key ?? '')) faults.push(field.invalidValue(`${at}.key`, expression.key ?? '', NAME_FORM));
    for (const [j, value] of values.entries())
      if (!isLabelValue(value)) faults.push(field.invalidValue(field.index(`${at}.values`, j), value, VALUE_FORM));
  }
  return faults;
}

function isLabelValue(value: string): boolean {
  return value === '' || (value.length <= 63 && NAME.test(value));
}

function isQualifiedName(key: string): boolean {
  const [first = '', second, ...rest] = key.split('/');
  if (rest.length > 0) return false;
  const name = second ?? first;
  return name.length <= 63 && NAME.test(name) && (second === undefined || (first.length <= 253 && PREFIX.test(first)));
}
