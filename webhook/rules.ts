// Every rule with the path it is served under and the requests it sees: the API server calls them as admission plugins,
// a webhook server answers reviews with them, and the webhook configurations are made from the same table.
import * as crds from '../crds/index.ts';
import type { KubeObject, Resource } from '../kube/index.ts';
import { type AdmissionRule, type Mutate, type Operation, type Scope, type Validate, verdictOf } from './admission.ts';
import { validateCronFederatedHPA } from './autoscaling/cron-federated-hpa.ts';
import { mutateFederatedHPA, validateFederatedHPA } from './autoscaling/federated-hpa.ts';
import { mutateClusterResourceBinding, mutateMultiClusterService, mutateResourceBinding } from './binding/mutate.ts';
import { validateResourceBinding } from './binding/validate.ts';
import { mutateWork } from './binding/work.ts';
import { mutateCluster } from './cluster/mutate.ts';
import { validateCluster } from './cluster/validate.ts';
import { validateDeletionProtection } from './deletion-protection.ts';
import { validateCustomization } from './interpreter/customization.ts';
import { validateInterpreterWebhookConfiguration } from './interpreter/webhook-configuration.ts';
import { validateMultiClusterIngress } from './networking/multi-cluster-ingress.ts';
import { validateMultiClusterService } from './networking/multi-cluster-service.ts';
import { validateClusterTaintPolicy } from './policy/cluster-taint.ts';
import { mutateOverridePolicy, validateOverridePolicy } from './policy/override.ts';
import {
  clusterPropagationPolicyTwin,
  mutatePropagationPolicy,
  propagationPolicyTwin,
  validatePropagationPolicy,
} from './policy/propagation.ts';
import { validateFederatedResourceQuota } from './quota/validate.ts';
import { type TypedForm, typedForm } from './typed-form.ts';

const WRITES: readonly Operation[] = ['CREATE', 'UPDATE'];

interface Options {
  readonly mutate?: Mutate;
  readonly validate?: Validate;
  readonly operations?: readonly Operation[];
  readonly timeoutSeconds?: number;
  readonly sideEffects?: 'NoneOnDryRun';
}

function rule<T extends KubeObject>(verb: 'mutate' | 'validate', r: Resource<T>, o: Options): AdmissionRule {
  const word = r.kind.toLowerCase();
  return { path: `/${verb}-${word}`, name: `${word}.karmada.io`, kinds: [r as Scope], operations: WRITES, ...o };
}

/** What a rule stores is in typed form. */
const mutating = <T extends KubeObject>(
  r: Resource<T>,
  mutate: Mutate,
  { form = {}, ...o }: Options & { form?: TypedForm } = {},
): AdmissionRule => rule('mutate', r, { ...o, mutate: (request, context) => typedForm(mutate(request, context), form) });
const validating = <T extends KubeObject>(r: Resource<T>, validate: Validate, o: Options = {}): AdmissionRule =>
  rule('validate', r, { ...o, validate });
const policy = { form: { always: { placement: {} }, emptyLists: ['resourceSelectors'] } };
const overriding = { form: { always: { overriders: {} } } };
const binding = { operations: ['CREATE'] as const, form: { always: { resource: { apiVersion: '', kind: '', name: '' } } } };
const autoscaler = { form: { always: { scaleTargetRef: { kind: '', name: '' }, maxReplicas: 0 } } };
const service = { form: { always: { range: {} } } };

/** All rules; paths are unique. */
export const admissionRules: readonly AdmissionRule[] = [
  mutating(crds.propagationPolicies, mutatePropagationPolicy(propagationPolicyTwin), policy),
  mutating(crds.clusterPropagationPolicies, mutatePropagationPolicy(clusterPropagationPolicyTwin), policy),
  mutating(crds.overridePolicies, mutateOverridePolicy, overriding),
  mutating(crds.resourceBindings, mutateResourceBinding, binding),
  mutating(crds.clusterResourceBindings, mutateClusterResourceBinding, binding),
  mutating(crds.works, mutateWork),
  mutating(crds.federatedHPAs, mutateFederatedHPA, autoscaler),
  mutating(crds.multiClusterServices, mutateMultiClusterService, service),
  validating(crds.propagationPolicies, validatePropagationPolicy(propagationPolicyTwin)),
  validating(crds.clusterPropagationPolicies, validatePropagationPolicy(clusterPropagationPolicyTwin)),
  validating(crds.overridePolicies, validateOverridePolicy({ namespaced: true })),
  validating(crds.clusterOverridePolicies, validateOverridePolicy({ namespaced: false })),
  validating(crds.resourceBindings, validateResourceBinding, { sideEffects: 'NoneOnDryRun' }),
  validating(crds.federatedHPAs, validateFederatedHPA),
  validating(crds.cronFederatedHPAs, validateCronFederatedHPA),
  validating(crds.multiClusterServices, validateMultiClusterService),
  validating(crds.multiClusterIngresses, validateMultiClusterIngress),
  validating(crds.federatedResourceQuotas, validateFederatedResourceQuota),
  validating(crds.clusterTaintPolicies, validateClusterTaintPolicy),
  validating(crds.resourceInterpreterWebhookConfigurations, validateInterpreterWebhookConfiguration),
  validating(crds.resourceInterpreterCustomizations, validateCustomization, { timeoutSeconds: 10 }),
  {
    path: '/validate-resourcedeletionprotection',
    name: 'resourcedeletionprotection.karmada.io',
    kinds: [{ group: '*', version: '*', plural: '*', scope: 'Cluster' }],
    operations: ['DELETE'],
    label: crds.labels.deletionProtected,
    validate: validateDeletionProtection,
  },
];

/** Beside an API server that has Cluster as a CRD, its rules are webhooks too; where Cluster is built in, its server asks them itself. */
const clusterRules: readonly AdmissionRule[] = [
  mutating(crds.clusters, mutateCluster),
  validating(crds.clusters, request => verdictOf(validateCluster(request))),
];

/** Every rule that a webhook server answers. */
export const servedRules: readonly AdmissionRule[] = [...admissionRules, ...clusterRules];

/** The rule served under a path. */
export function ruleAt(path: string): AdmissionRule | undefined {
  return servedRules.find(r => r.path === path);
}
