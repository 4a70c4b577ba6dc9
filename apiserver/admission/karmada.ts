// The Karmada admission rules, called in process: the same verdicts and texts as the webhooks of the reference give.
import type { FeatureGates } from '../../crds/index.ts';
import { type AnyObject, type Client, type Clock, clone, isStatusError, StatusError } from '../../kube/index.ts';
import {
  type AdmissionContext,
  type AdmissionRequest,
  type AdmissionRule,
  admissionContext,
  admissionRules,
  judge,
  type WebhookOptions,
} from '../../webhook/index.ts';
import type { AdmissionPlugin, Attributes, MutableObject } from './plugin.ts';

export interface KarmadaAdmissionOptions {
  readonly client: () => Client;
  readonly clock: Clock;
  readonly gates: FeatureGates;
  readonly options: WebhookOptions;
  readonly compileLua: AdmissionContext['compileLua'];
}

export function karmadaAdmission(o: KarmadaAdmissionOptions): AdmissionPlugin {
  const context = admissionContext(o);
  const request = (a: Attributes): AdmissionRequest => ({
    operation: a.operation,
    ...(a.namespace ? { namespace: a.namespace } : {}),
    ...(a.object ? { object: a.object as AnyObject } : {}),
    ...(a.oldObject ? { oldObject: a.oldObject as AnyObject } : {}),
    dryRun: a.dryRun,
    gates: o.gates,
    options: o.options,
  });
  return {
    name: 'KarmadaAdmission',
    mutate(a) {
      for (const rule of rulesFor(a)) {
        if (!rule.mutate || !a.object) continue;
        replace(a.object, told(rule, () => rule.mutate?.(request(a), context)) as MutableObject);
      }
    },
    async validate(a, signal = new AbortController().signal) {
      for (const rule of rulesFor(a)) {
        if (!rule.validate) continue;
        const verdict = await judge(rule, request(a), { context, client: o.client(), signal });
        if (verdict && !verdict.allowed) throw denial(rule, verdict);
      }
    },
  };
}
const byResource = new Map<string, readonly AdmissionRule[]>();

function rulesFor(a: Attributes): readonly AdmissionRule[] {
  if (a.subresource !== '') return [];
  const id = `${a.operation} ${a.resource.group}/${a.resource.version}/${a.resource.plural}`;
  let rules = byResource.get(id);
  if (!rules) {
    const { group, version, plural } = a.resource;
    const fits = (pattern: string, text: string): boolean => pattern === '*' || pattern === text;
    rules = admissionRules.filter(
      r =>
        r.operations.includes(a.operation) && r.kinds.some(k => fits(k.group, group) && fits(k.version, version) && fits(k.plural, plural)),
    );
    byResource.set(id, rules);
  }
  if (!rules.some(r => r.label)) return rules;
  const labels = ((a.object ?? a.oldObject)?.['metadata'] as { labels?: Record<string, string> } | undefined)?.labels ?? {};
  return rules.filter(r => !r.label || Object.hasOwn(labels, r.label));
}

function replace(target: MutableObject, made: MutableObject): void {
  if (made === target) return;
  const copy = clone(made);
  for (const key of Object.keys(target)) delete target[key];
  Object.assign(target, copy);
}

/** A fault of a mutating rule, told as a webhook tells it. */
function told<T>(rule: AdmissionRule, f: () => T): T {
  try {
    return f();
  } catch (error) {
    if (!isStatusError(error)) throw error;
    throw denial(rule, error);
  }
}

const denial = (rule: AdmissionRule, d: { readonly code: number; readonly reason: string; readonly message: string }): StatusError =>
  new StatusError({ code: d.code, reason: d.reason, message: `admission webhook "${rule.name}" denied the request: ${d.message}` });
