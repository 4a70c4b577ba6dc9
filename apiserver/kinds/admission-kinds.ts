// Webhook configurations of admissionregistration.k8s.io.
import { validateFullyQualifiedName } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { conditionsOf, MATCH, matchConditions, POLICIES, REGISTRATION, rule, ruleDefaults } from './admission-rules.ts';
import { child, duplicate, index, invalidValue, labelSelector, oneOf, required, texts } from './checks.ts';
import type { KindDefinition } from './define.ts';
import { dnsLabel1035, portNumber } from './names.ts';
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
    const name = text(w, 'name');
    if (name !== '') {
      if (names.has(name)) faults.push(duplicate(child(at, 'name'), name));
      names.add(name);
    }
    reviewVersions(faults, child(at, 'admissionReviewVersions'), strings(w, 'admissionReviewVersions'));
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
  labelSelector(faults, child(at, 'namespaceSelector'), optional(w, 'namespaceSelector'));
  labelSelector(faults, child(at, 'objectSelector'), optional(w, 'objectSelector'));
  items(w, 'rules').forEach((r, i) => {
    rule(faults, index(child(at, 'rules'), i), r, false);
  });
  if (has(w, 'failurePolicy')) oneOf(faults, child(at, 'failurePolicy'), text(w, 'failurePolicy'), POLICIES);
  if (has(w, 'matchPolicy')) oneOf(faults, child(at, 'matchPolicy'), text(w, 'matchPolicy'), MATCH);
  const effects = ['None', 'NoneOnDryRun'];
  if (text(w, 'sideEffects') === '') faults.push(required(child(at, 'sideEffects'), 'must specify one of None, NoneOnDryRun'));
  else oneOf(faults, child(at, 'sideEffects'), text(w, 'sideEffects'), effects);
  const seconds = number(w, 'timeoutSeconds');
  if (has(w, 'timeoutSeconds') && (seconds > 30 || seconds < 1))
    faults.push(invalidValue(child(at, 'timeoutSeconds'), seconds, 'the timeout value must be between 1 and 30 seconds'));
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
    if (text(service, 'namespace') === '') faults.push(required(child(at, 'service.name')));
    if (text(service, 'name') === '') faults.push(required(child(at, 'service.namespace')));
    const path = text(service, 'path');
    if (has(service, 'path')) urlPath(faults, child(at, 'service.path'), path);
    const port = number(service, 'port');
    for (const e of portNumber(port)) faults.push(invalidValue(child(at, 'service.port'), port, `port is not valid: ${e}`));
  } else url(faults, child(at, 'url'), text(c, 'url'));
}

const FORM = '; desired format: https://host[/path]';

function url(faults: Faults, at: string, value: string): void {
  let parsed: { scheme: string; host: string; user: boolean; query: boolean; fragment: string } | undefined;
  const match = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?$/.exec(value);
  if (match && !/[\s\u0000-\u001f]/.test(match[2] ?? ''))
    parsed = {
      scheme: match[1] ?? '',
      host: (match[2] ?? '').replace(/^.*@/, ''),
      user: (match[2] ?? '').includes('@'),
      query: match[4] !== undefined && match[4] !== '?',
      fragment: (match[5] ?? '').slice(1),
    };
  if (!parsed) {
    faults.push(required(at, `url must be a valid URL: parse ${JSON.stringify(value)}: invalid character " " in host name${FORM}`));
    return;
  }
  if (parsed.scheme.toLowerCase() !== 'https')
    faults.push(invalidValue(at, parsed.scheme, `'https' is the only allowed URL scheme${FORM}`));
  if (parsed.host === '') faults.push(invalidValue(at, parsed.host, `host must be specified${FORM}`));
  if (parsed.user) faults.push(invalidValue(at, value, 'user information is not permitted in the URL'));
  if (parsed.fragment !== '') faults.push(invalidValue(at, parsed.fragment, 'fragments are not permitted in the URL'));
  if (parsed.query) faults.push(invalidValue(at, value, 'query parameters are not permitted in the URL'));
}

function urlPath(faults: Faults, at: string, path: string): void {
  if (path === '/' || path === '') return;
  if (path === '//') {
    faults.push(invalidValue(at, path, 'segment[0] may not be empty'));
    return;
  }
  if (!path.startsWith('/')) faults.push(invalidValue(at, path, "must start with a '/'"));
  const steps = path.replace(/\/$/, '').slice(1).split('/');
  steps.forEach((step, i) => {
    if (step === '') faults.push(invalidValue(at, path, `segment[${i}] may not be empty`));
    else if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(step))
      faults.push(
        invalidValue(
          at,
          path,
          `segment[${i}]: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
        ),
      );
  });
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
