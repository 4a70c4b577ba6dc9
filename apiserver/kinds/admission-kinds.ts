// Webhook configurations of admissionregistration.k8s.io.
import { validateFullyQualifiedName, validateWebhookService, validateWebhookUrl } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { conditionsOf, MATCH, matchConditions, POLICIES, REGISTRATION, rule, ruleDefaults } from './admission-rules.ts';
import { child, duplicate, index, invalidValue, labelSelector, oneOf, required, texts } from './checks.ts';
import type { KindDefinition } from './define.ts';
import { dnsLabel1035 } from './names.ts';
import { type Faults, has, inside, items, mutable, number, type Obj, optional, preset, strings, sub, text } from './read.ts';

const REVIEW_VERSIONS = ['v1', 'v1beta1'];

function webhookDefaults(o: MutableObject): void {
  for (const w of mutable(o, 'webhooks')) {
    preset(w, 'failurePolicy', 'Fail');
    preset(w, 'matchPolicy', 'Equivalent');
    preset(w, 'namespaceSelector', {});
    preset(w, 'objectSelector', {});
    preset(w, 'timeoutSeconds', 10);
    ruleDefaults(w, 'rules');
    const service = inside(inside(w, 'clientConfig'), 'service');
    if (service) preset(service, 'port', 443);
  }
}

function webhooks(faults: Faults, o: Obj, mutating: boolean): void {
  const names = new Set<string>();
  items(o, 'webhooks').forEach((w, i) => {
    const at = index('webhooks', i);
    webhook(faults, at, w, mutating);
    reviewVersions(faults, child(at, 'admissionReviewVersions'), strings(w, 'admissionReviewVersions'));
    const name = text(w, 'name');
    if (name !== '') {
      if (names.has(name)) faults.push(duplicate(child(at, 'name'), name));
      names.add(name);
    }
  });
}

function reviewVersions(faults: Faults, at: string, versions: readonly string[]): void {
  if (versions.length === 0) {
    faults.push(required(at, `must specify one of ${REVIEW_VERSIONS.join(', ')}`));
    return;
  }
  const seen = new Set<string>();
  let known = false;
  versions.forEach((v, i) => {
    if (seen.has(v)) {
      faults.push(invalidValue(index(at, i), v, 'duplicate version'));
      return;
    }
    seen.add(v);
    texts(faults, index(at, i), v, dnsLabel1035(v));
    if (REVIEW_VERSIONS.includes(v)) known = true;
  });
  if (!known) faults.push(invalidValue(at, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`));
}

function webhook(faults: Faults, at: string, w: Obj, mutating: boolean): void {
  faults.push(...validateFullyQualifiedName(text(w, 'name'), child(at, 'name')));
  items(w, 'rules').forEach((r, i) => {
    rule(faults, index(child(at, 'rules'), i), r, false);
  });
  if (has(w, 'failurePolicy')) oneOf(faults, child(at, 'failurePolicy'), text(w, 'failurePolicy'), POLICIES);
  if (has(w, 'matchPolicy')) oneOf(faults, child(at, 'matchPolicy'), text(w, 'matchPolicy'), MATCH);
  const effects = ['None', 'NoneOnDryRun'];
  if (!has(w, 'sideEffects')) faults.push(required(child(at, 'sideEffects'), 'must specify one of None, NoneOnDryRun'));
  else oneOf(faults, child(at, 'sideEffects'), text(w, 'sideEffects'), effects);
  const seconds = number(w, 'timeoutSeconds');
  if (has(w, 'timeoutSeconds') && (seconds > 30 || seconds < 1))
    faults.push(invalidValue(child(at, 'timeoutSeconds'), seconds, 'the timeout value must be between 1 and 30 seconds'));
  for (const key of ['namespaceSelector', 'objectSelector']) labelSelector(faults, child(at, key), optional(w, key));
  if (mutating && has(w, 'reinvocationPolicy'))
    oneOf(faults, child(at, 'reinvocationPolicy'), text(w, 'reinvocationPolicy'), ['IfNeeded', 'Never']);
  clientConfig(faults, child(at, 'clientConfig'), sub(w, 'clientConfig'));
  matchConditions(faults, child(at, 'matchConditions'), w, conditionsOf(w, at));
}

function clientConfig(faults: Faults, at: string, c: Obj): void {
  const service = optional(c, 'service');
  if (has(c, 'url') === (service !== undefined)) faults.push(required(at, 'exactly one of url or service is required'));
  else if (service) {
    // The reference takes one for the other here.
    const { name, namespace } = service;
    faults.push(...validateWebhookService({ ...service, name: namespace, namespace: name }, child(at, 'service')));
  } else faults.push(...validateWebhookUrl(text(c, 'url'), child(at, 'url')));
}

export const validatingWebhookConfiguration: KindDefinition = {
  ...REGISTRATION,
  update: ['full'],
  defaults: webhookDefaults,
  spec: (faults, o) => webhooks(faults, o, false),
};

export const mutatingWebhookConfiguration: KindDefinition = {
  ...REGISTRATION,
  update: ['full'],
  defaults(o) {
    webhookDefaults(o);
    for (const w of mutable(o, 'webhooks')) preset(w, 'reinvocationPolicy', 'Never');
  },
  spec: (faults, o) => webhooks(faults, o, true),
};
