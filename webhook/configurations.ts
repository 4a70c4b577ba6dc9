// The webhook configurations clients see: made from the table of rules, whether the rules run in process or over TLS.
import type { AnyObject } from '../kube/index.ts';
import type { AdmissionRule } from './admission.ts';
import { servedRules } from './rules.ts';

const TIMEOUT_SECONDS = 3;

/** `mutating-config` and `validating-config`; `url` is where the rules are served, `caBundle` base64 PEM. */
export function webhookConfigurations(caBundle: string, url: string): readonly [AnyObject, AnyObject] {
  const of = (kind: string, name: string, rules: readonly AdmissionRule[]): AnyObject => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name },
    webhooks: rules.map(rule => webhookOf(rule, caBundle, url)),
  });
  return [
    of(
      'MutatingWebhookConfiguration',
      'mutating-config',
      servedRules.filter(r => r.mutate),
    ),
    of(
      'ValidatingWebhookConfiguration',
      'validating-config',
      servedRules.filter(r => r.validate),
    ),
  ];
}

function webhookOf(rule: AdmissionRule, caBundle: string, url: string): Record<string, unknown> {
  return {
    name: rule.name,
    clientConfig: { url: `${url.replace(/\/+$/, '')}${rule.path}`, caBundle },
    rules: rule.kinds.map(kind => ({
      apiGroups: [kind.group],
      apiVersions: [kind.version],
      resources: [kind.plural],
      operations: rule.operations,
      scope: kind.group === '*' ? '*' : kind.scope,
    })),
    ...(rule.label ? { objectSelector: { matchExpressions: [{ key: rule.label, operator: 'Exists' }] } } : {}),
    failurePolicy: 'Fail',
    sideEffects: rule.sideEffects ?? 'None',
    admissionReviewVersions: ['v1'],
    timeoutSeconds: rule.timeoutSeconds ?? TIMEOUT_SECONDS,
  };
}
