// PodTemplate and ControllerRevision: what workloads are made from, and what they were made from before.
import { equal } from '../../kube/index.ts';
import { IMMUTABLE, invalidValue, notNegative, required } from './checks.ts';
import type { KindDefinition } from './define.ts';
import { templateDefaults } from './pod/defaults.ts';
import { podTemplate } from './pod/template.ts';
import { podWarnings } from './pod/warnings.ts';
import { ensure, number, sub } from './read.ts';

export const controllerRevision: KindDefinition = {
  scope: 'Namespaced',
  update: ['meta', 'metadata', 'changes'],
  spec(faults, o) {
    const data = o['data'];
    if (data === undefined || data === null) faults.push(required('data', 'data is mandatory'));
    else if (typeof data !== 'object' || Array.isArray(data)) faults.push(required('data', 'data must be a valid JSON object'));
    if (number(o, 'revision') < 0) notNegative(faults, 'revision', number(o, 'revision'));
  },
  changes(faults, o, old) {
    if (!equal(o['data'], old['data'])) faults.push(invalidValue('data', o['data'] ?? null, IMMUTABLE));
  },
};

export const podTemplateKind: KindDefinition = {
  deleteReply: 'object',
  scope: 'Namespaced',
  tracksGeneration: true,
  update: ['meta', 'spec'],
  defaults: o => templateDefaults(ensure(o, 'template')),
  spec: (faults, o) => podTemplate(faults, 'template', sub(o, 'template')),
  warnings: (o, old) => (old && equal(o['template'], old['template']) ? [] : podWarnings('template', sub(o, 'template'))),
};
