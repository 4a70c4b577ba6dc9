import { child, invalidValue, notNegative, notSupported, oneOf, optionalNotNegative, required, texts } from './checks.ts';
import { failurePolicy, successPolicy } from './job-policies.ts';
import { podTemplate } from './pod/template.ts';
import { type Faults, has, number, type Obj, optional, sub, text } from './read.ts';

const JOB_MODES = ['NonIndexed', 'Indexed'];

export function jobSpec(faults: Faults, path: string, spec: Obj): void {
  optionalNotNegative(
    faults,
    path,
    spec,
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
  );
  indexedOnly(faults, path, spec);
  maxFailedIndexes(faults, path, spec);
  if (has(spec, 'managedBy')) texts(faults, child(path, 'managedBy'), text(spec, 'managedBy'), domainPath(text(spec, 'managedBy')));
  const mode = text(spec, 'completionMode');
  if (has(spec, 'completionMode')) {
    if (!JOB_MODES.includes(mode)) faults.push(notSupported(child(path, 'completionMode'), mode, JOB_MODES));
    if (mode === 'Indexed') {
      if (!has(spec, 'completions')) faults.push(required(child(path, 'completions'), 'when completion mode is Indexed'));
      else if (number(spec, 'parallelism') > 100000)
        faults.push(
          invalidValue(
            child(path, 'parallelism'),
            number(spec, 'parallelism'),
            'must be less than or equal to 100000 when completion mode is Indexed',
          ),
        );
    }
  }
  const failure = optional(spec, 'podFailurePolicy');
  if (failure) failurePolicy(faults, path, spec, failure);
  const success = optional(spec, 'successPolicy');
  if (success) successPolicy(faults, child(path, 'successPolicy'), spec, success);
  replacement(faults, path, spec);
  jobTemplate(faults, child(path, 'template'), sub(spec, 'template'), spec);
}

function domainPath(value: string): string[] {
  return value.length > 63
    ? ['must be no more than 63 characters']
    : /^[a-z0-9.-]+\/.+$/.test(value)
      ? []
      : ['must be a domain-prefixed path (such as "acme.io/foo")'];
}

function indexedOnly(faults: Faults, path: string, spec: Obj): void {
  if (has(spec, 'backoffLimitPerIndex') && text(spec, 'completionMode') === 'NonIndexed')
    faults.push(
      invalidValue(child(path, 'backoffLimitPerIndex'), number(spec, 'backoffLimitPerIndex'), 'requires indexed completion mode'),
    );
}

function maxFailedIndexes(faults: Faults, path: string, spec: Obj): void {
  if (!has(spec, 'maxFailedIndexes')) return;
  const n = number(spec, 'maxFailedIndexes');
  const at = child(path, 'maxFailedIndexes');
  notNegative(faults, at, n);
  if (has(spec, 'completions') && n > number(spec, 'completions'))
    faults.push(invalidValue(at, n, 'must be less than or equal to completions'));
  if (n > 100000) faults.push(invalidValue(at, n, 'must be less than or equal to 100000'));
  if (!has(spec, 'backoffLimitPerIndex')) faults.push(required(child(path, 'backoffLimitPerIndex'), 'when maxFailedIndexes is specified'));
}

function replacement(faults: Faults, path: string, spec: Obj): void {
  if (!has(spec, 'podReplacementPolicy')) return;
  const policy = text(spec, 'podReplacementPolicy');
  const known = has(spec, 'podFailurePolicy') ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  oneOf(faults, child(path, 'podReplacementPolicy'), policy, known);
}

function jobTemplate(faults: Faults, path: string, template: Obj, spec: Obj): void {
  podTemplate(faults, path, template);
  const policy = text(sub(template, 'spec'), 'restartPolicy');
  const at = child(path, 'spec.restartPolicy');
  if (policy === '' || policy === 'Always') faults.push(required(at, 'valid values: "OnFailure", "Never"'));
  else if (policy !== 'OnFailure' && policy !== 'Never') faults.push(notSupported(at, policy, ['OnFailure', 'Never']));
  else if (has(spec, 'podFailurePolicy') && policy !== 'Never')
    faults.push(invalidValue(at, policy, 'only "Never" is supported when podFailurePolicy is specified'));
}
