// What the types of fields are called in refusals: `[]v1.Container`, `map[string]string`, `v1.PullPolicy`. Clients only print it.
import type { FieldType } from '../types.ts';

const SCALARS: Readonly<Record<string, string>> = { double: 'float64', bytes: '[]uint8' };

/** Strings with a type of their own, by message and field. */
const NAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'ObjectMeta.uid': 'types.UID',
    'OwnerReference.uid': 'types.UID',
    'ObjectReference.uid': 'types.UID',
    'Container.imagePullPolicy': 'v1.PullPolicy',
    'Container.terminationMessagePolicy': 'v1.TerminationMessagePolicy',
    'Container.restartPolicy': 'v1.ContainerRestartPolicy',
    'ContainerPort.protocol': 'v1.Protocol',
    'ServicePort.protocol': 'v1.Protocol',
    'EndpointPort.protocol': 'v1.Protocol',
    'NetworkPolicyPort.protocol': 'v1.Protocol',
    'PodSpec.restartPolicy': 'v1.RestartPolicy',
    'PodSpec.dnsPolicy': 'v1.DNSPolicy',
    'PodSpec.preemptionPolicy': 'v1.PreemptionPolicy',
    'PriorityClass.preemptionPolicy': 'v1.PreemptionPolicy',
    'Toleration.operator': 'v1.TolerationOperator',
    'Toleration.effect': 'v1.TaintEffect',
    'Taint.effect': 'v1.TaintEffect',
    'HTTPGetAction.scheme': 'v1.URIScheme',
    'ServiceSpec.type': 'v1.ServiceType',
    'ServiceSpec.sessionAffinity': 'v1.ServiceAffinity',
    'ServiceSpec.externalTrafficPolicy': 'v1.ServiceExternalTrafficPolicy',
    'ServiceSpec.internalTrafficPolicy': 'v1.ServiceInternalTrafficPolicy',
    'ServiceSpec.ipFamilyPolicy': 'v1.IPFamilyPolicy',
    'ServiceSpec.ipFamilies': 'v1.IPFamily',
    'Secret.type': 'v1.SecretType',
    'DeploymentStrategy.type': 'v1.DeploymentStrategyType',
    'StatefulSetUpdateStrategy.type': 'v1.StatefulSetUpdateStrategyType',
    'StatefulSetSpec.podManagementPolicy': 'v1.PodManagementPolicyType',
    'DaemonSetUpdateStrategy.type': 'v1.DaemonSetUpdateStrategyType',
    'JobSpec.completionMode': 'v1.CompletionMode',
    'CronJobSpec.concurrencyPolicy': 'v1.ConcurrencyPolicy',
    'LabelSelectorRequirement.operator': 'v1.LabelSelectorOperator',
    'NodeSelectorRequirement.operator': 'v1.NodeSelectorOperator',
    'PersistentVolumeClaimSpec.accessModes': 'v1.PersistentVolumeAccessMode',
    'PersistentVolumeSpec.accessModes': 'v1.PersistentVolumeAccessMode',
    'PersistentVolumeClaimSpec.volumeMode': 'v1.PersistentVolumeMode',
    'PersistentVolumeSpec.volumeMode': 'v1.PersistentVolumeMode',
    'PersistentVolumeSpec.persistentVolumeReclaimPolicy': 'v1.PersistentVolumeReclaimPolicy',
    'StorageClass.reclaimPolicy': 'v1.PersistentVolumeReclaimPolicy',
    'StorageClass.volumeBindingMode': 'v1.VolumeBindingMode',
    'NetworkPolicySpec.policyTypes': 'v1.PolicyType',
    'HTTPIngressPath.pathType': 'v1.PathType',
    'LimitRangeItem.type': 'v1.LimitType',
    'NamespaceSpec.finalizers': 'v1.FinalizerName',
    'NamespaceStatus.phase': 'v1.NamespacePhase',
    'PodStatus.phase': 'v1.PodPhase',
    'CertificateSigningRequestSpec.usages': 'v1.KeyUsage',
    'CustomResourceDefinitionSpec.scope': 'v1.ResourceScope',
    'EndpointSlice.addressType': 'v1.AddressType',
    'MetricSpec.type': 'v2.MetricSourceType',
    'MetricTarget.type': 'v2.MetricTargetType',
    'RuleWithOperations.operations': 'v1.OperationType',
    'RuleWithOperations.scope': 'v1.ScopeType',
    'ValidatingWebhook.failurePolicy': 'v1.FailurePolicyType',
    'MutatingWebhook.failurePolicy': 'v1.FailurePolicyType',
    'ValidatingWebhook.matchPolicy': 'v1.MatchPolicyType',
    'MutatingWebhook.matchPolicy': 'v1.MatchPolicyType',
    'MatchResources.matchPolicy': 'v1.MatchPolicyType',
    'ValidatingWebhook.sideEffects': 'v1.SideEffectClass',
    'MutatingWebhook.sideEffects': 'v1.SideEffectClass',
    'MutatingWebhook.reinvocationPolicy': 'v1.ReinvocationPolicyType',
    'Validation.reason': 'v1.StatusReason',
    'ValidatingAdmissionPolicySpec.failurePolicy': 'v1.FailurePolicyType',
    'ValidatingAdmissionPolicyBindingSpec.validationActions': 'v1.ValidationAction',
    'ParamRef.parameterNotFoundAction': 'v1.ParameterNotFoundActionType',
  }),
);

const RESOURCES = new Set(['limits', 'requests', 'capacity', 'allocatable', 'hard', 'used', 'max', 'min', 'default', 'defaultRequest']);

/** The last part of a message's name: `PodSpec`. */
export const structName = (message: string): string => message.slice(message.lastIndexOf('.') + 1);

/** `api.core.v1.PodSpec` is `v1.PodSpec`. */
export const messageWord = (message: string): string => message.split('.').slice(-2).join('.');

/** The type of one value of the field: of an element, of a map's value. */
export function elementWord(owner: string, field: FieldType): string {
  if (field.message) return messageWord(field.message);
  const scalar = field.scalar ?? 'string';
  if (scalar === 'string') return NAMED.get(`${owner}.${field.name}`) ?? 'string';
  return SCALARS[scalar] ?? scalar;
}

/** The type of the field as a whole. */
export function fieldWord(owner: string, field: FieldType): string {
  const element = elementWord(owner, field);
  if (field.shape === 'list') return `[]${element}`;
  if (field.shape === 'single') return element;
  return element.endsWith('.Quantity') && RESOURCES.has(field.name) ? 'v1.ResourceList' : `map[string]${element}`;
}
