// DaemonSet: a pod a node; changes of its template are counted in an annotation.
import { badRequest, equal } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import {
  amountOf,
  child,
  invalidValue,
  notNegative,
  notNegativeIntOrPercent,
  notOver100Percent,
  notSupported,
  optionalNotNegative,
  required,
} from './checks.ts';
import type { KindDefinition } from './define.ts';
import { printGo } from './go-print.ts';
import { templateDefaults } from './pod/defaults.ts';
import { podTemplate, selectorFitsTemplate, workloadSelector, workloadTemplate } from './pod/template.ts';
import { ensure, type Faults, inside, number, type Obj, optional, preset, presetText, sub, text } from './read.ts';
import { statusCounts } from './status-counts.ts';
import { immutableSelector, templateWarnings } from './workload-template.ts';

export const daemonSet: KindDefinition = {
  scope: 'Namespaced',
  status: true,
  statusFaults: statusCounts('DaemonSet'),
  tracksGeneration: true,
  update: ['meta', 'changes', 'spec'],
  defaults(o) {
    const spec = ensure(o, 'spec');
    templateDefaults(inside(spec, 'template'));
    const strategy = ensure(spec, 'updateStrategy');
    presetText(strategy, 'type', 'RollingUpdate');
    if (strategy['type'] === 'RollingUpdate') {
      const rolling = ensure(strategy, 'rollingUpdate');
      preset(rolling, 'maxUnavailable', 1);
      preset(rolling, 'maxSurge', 0);
    }
    preset(spec, 'revisionHistoryLimit', 10);
    readTemplateGeneration(o);
  },
  prepareCreate: o => templateGeneration(o, 1),
  prepareUpdate(o, old) {
    const before = Number(sub(sub(old, 'metadata'), 'annotations')[TEMPLATE_GENERATION] ?? 0);
    const changed = !equal(sub(o, 'spec')['template'], sub(old, 'spec')['template']);
    templateGeneration(o, changed ? before + 1 : before);
  },
  spec(faults, o) {
    const spec = sub(o, 'spec');
    const template = sub(spec, 'template');
    const selector = optional(spec, 'selector');
    if (selector) {
      const own: Faults = [];
      workloadSelector(own, spec, 'empty selector is invalid for daemonset');
      faults.push(...own.filter(f => !f.body.includes('empty selector')));
      if (own.every(f => f.field === 'spec.selector')) selectorFitsTemplate(faults, selector, template);
      faults.push(...own.filter(f => f.body.includes('empty selector')));
    } else {
      selectorFitsTemplate(faults, undefined, template);
    }
    podTemplate(faults, 'spec.template', template);
    workloadTemplate(faults, spec, 'DaemonSet');
    notNegative(faults, 'spec.minReadySeconds', number(spec, 'minReadySeconds'));
    daemonSetStrategy(faults, sub(spec, 'updateStrategy'));
    optionalNotNegative(faults, 'spec', spec, 'revisionHistoryLimit');
  },
  changes: immutableSelector,
  warnings: templateWarnings,
};

const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

/** Refuses an annotation that is no number: it is one, in the internal form. */
function readTemplateGeneration(o: MutableObject): void {
  const given = sub(sub(o, 'metadata'), 'annotations')[TEMPLATE_GENERATION];
  if (typeof given === 'string' && !/^[+-]?\d+$/.test(given))
    throw badRequest(
      `DaemonSet in version "v1" cannot be handled as a DaemonSet: strconv.ParseInt: parsing ${JSON.stringify(given)}: invalid syntax`,
    );
  // Whoever writes the object writes this, and so owns it.
  templateGeneration(o, Number(given ?? 0));
}

/** Counts the changes of a DaemonSet's template, in an annotation. */
function templateGeneration(o: MutableObject, n: number): void {
  ensure(ensure(o, 'metadata'), 'annotations')[TEMPLATE_GENERATION] = String(n);
}

function daemonSetStrategy(faults: Faults, strategy: Obj): void {
  const path = 'spec.updateStrategy';
  const type = text(strategy, 'type');
  if (type === 'OnDelete') return;
  if (type !== 'RollingUpdate') {
    faults.push(notSupported(path, printGo('DaemonSetUpdateStrategy', strategy), ['RollingUpdate', 'OnDelete']));
    return;
  }
  const rolling = optional(strategy, 'rollingUpdate');
  if (!rolling) {
    faults.push(required(child(path, 'rollingUpdate')));
    return;
  }
  const at = child(path, 'rollingUpdate');
  notNegativeIntOrPercent(faults, child(at, 'maxUnavailable'), rolling['maxUnavailable']);
  notNegativeIntOrPercent(faults, child(at, 'maxSurge'), rolling['maxSurge']);
  const unavailable = amountOf(rolling['maxUnavailable']);
  const surge = amountOf(rolling['maxSurge']);
  if (unavailable === 0 && surge === 0) faults.push(required(child(at, 'maxUnavailable'), 'cannot be 0 when maxSurge is 0'));
  else if (unavailable !== 0 && surge !== 0)
    faults.push(invalidValue(child(at, 'maxSurge'), rolling['maxSurge'], 'may not be set when maxUnavailable is non-zero'));
  notOver100Percent(faults, child(at, 'maxUnavailable'), rolling['maxUnavailable']);
  notOver100Percent(faults, child(at, 'maxSurge'), rolling['maxSurge']);
}
