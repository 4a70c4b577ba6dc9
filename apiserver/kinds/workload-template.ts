// What workloads have in common: a template, its fit to the selector, and the warnings about it.
import { equal } from '../../kube/index.ts';
import { IMMUTABLE, invalidValue, printableSelector } from './checks.ts';
import { podTemplate, selectorFitsTemplate, workloadSelector, workloadTemplate } from './pod/template.ts';
import { nameWarnings, podWarnings } from './pod/warnings.ts';
import { type Faults, type Obj, optional, sub } from './read.ts';

export const SCALE = { spec: '.spec.replicas', status: '.status.replicas', selector: '.spec.selector' };

/** The same with a warning of a new object whose name is no part of a name of pods. */
export const namedTemplateWarnings = (object: Obj, old?: Obj): string[] => [
  ...(old ? [] : nameWarnings(object)),
  ...templateWarnings(object, old),
];

/** Warnings of the template, unless an update leaves the generation as it was. */
export const templateWarnings = (object: Obj, old?: Obj): string[] => {
  const template = sub(sub(object, 'spec'), 'template');
  const generation = (o: Obj): unknown => sub(o, 'metadata')['generation'];
  if (old && equal(object['spec'], old['spec']) && generation(object) === generation(old)) return [];
  return podWarnings('spec.template', template);
};

export function immutableSelector(faults: Faults, object: Obj, old: Obj): void {
  const now = optional(sub(object, 'spec'), 'selector');
  if (!equal(now, optional(sub(old, 'spec'), 'selector'))) faults.push(invalidValue('spec.selector', printableSelector(now), IMMUTABLE));
}

export function templateRules(faults: Faults, spec: Obj, kind: string): void {
  const template = sub(spec, 'template');
  podTemplate(faults, 'spec.template', template);
  workloadTemplate(faults, spec, kind);
}

interface Workload {
  readonly kind: string;
  readonly selector: Obj | undefined;
}

/** Template of a workload: its fit to the selector first, then the pod's own rules. */
export function workloadBody(faults: Faults, spec: Obj, w: Workload): void {
  const broken: Faults = [];
  if (w.selector) selectorFaults(broken, w.selector);
  if (w.selector && broken.length > 0) {
    faults.push(invalidValue('spec.selector', printableSelector(w.selector), 'invalid label selector'));
    return;
  }
  selectorFitsTemplate(faults, w.selector, sub(spec, 'template'));
  templateRules(faults, spec, w.kind);
}

export function selectorFaults(faults: Faults, selector: Obj): void {
  const spec = { selector };
  const own: Faults = [];
  workloadSelector(own, spec, '');
  for (const fault of own) if (fault.field !== 'spec.selector') faults.push(fault);
}
