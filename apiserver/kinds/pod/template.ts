// Pod templates inside workloads: the template itself, its selector, and the few fields that a workload forbids.
import { qualifiedName } from '../../../kube/index.ts';
import {
  child,
  forbiddenField,
  invalidValue,
  labelSelector,
  labels,
  notSupported,
  printableMap,
  printableSelector,
  required,
  selectorIsEmpty,
  selectorMatches,
  texts,
} from '../checks.ts';
import { given } from '../emptied.ts';
import { annotations } from '../metadata.ts';
import { type Faults, has, type Obj, optional, sub, text } from '../read.ts';
import { podSpec } from './spec.ts';

/** PodTemplateSpec at `path`. */
export function podTemplate(faults: Faults, path: string, template: Obj): void {
  const meta = sub(template, 'metadata');
  labels(faults, child(path, 'labels'), meta, 'labels');
  annotations(faults, child(path, 'annotations'), meta);
  for (const finalizer of Array.isArray(meta['finalizers']) ? (meta['finalizers'] as string[]) : [])
    texts(faults, child(path, 'finalizers'), finalizer, qualifiedName(finalizer));
  podSpec(faults, child(path, 'spec'), sub(template, 'spec'));
}

/** spec.selector of a workload. */
export function workloadSelector(faults: Faults, spec: Obj, empty: string): void {
  const selector = optional(spec, 'selector');
  if (!selector) {
    faults.push(required('spec.selector'));
    return;
  }
  labelSelector(faults, 'spec.selector', selector);
  if (selectorIsEmpty(selector)) faults.push(invalidValue('spec.selector', printableSelector(selector), empty));
}

const MISMATCH = '`selector` does not match template `labels`';

/** The template's labels satisfy the selector. */
export function selectorFitsTemplate(faults: Faults, selector: Obj | undefined, template: Obj, path = 'spec.template'): void {
  if (selector && selectorIsEmpty(selector)) return;
  const meta = sub(template, 'metadata');
  if (!selector || !selectorMatches(selector, sub(meta, 'labels')))
    faults.push(invalidValue(child(path, 'metadata.labels'), printableMap(given(meta, 'labels')), MISMATCH));
}

/** spec.template of a workload whose pods always restart. */
export function workloadTemplate(faults: Faults, spec: Obj, kind: string): void {
  const path = 'spec.template';
  const podSpecification = sub(sub(spec, 'template'), 'spec');
  const policy = text(podSpecification, 'restartPolicy');
  if (policy !== 'Always' && policy !== '') faults.push(notSupported(child(path, 'spec.restartPolicy'), policy, ['Always']));
  if (has(podSpecification, 'activeDeadlineSeconds'))
    faults.push(forbiddenField(child(path, 'spec.activeDeadlineSeconds'), `activeDeadlineSeconds in ${kind} is not Supported`));
}
