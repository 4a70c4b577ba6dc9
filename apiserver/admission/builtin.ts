// The built-in admission plugins that are on by default, in the order in which they run.
import type { Clock, Reader } from '../../kube/index.ts';
import { certificateRequester, certificateSubjectRestriction } from './certificate-plugins.ts';
import { defaultIngressClass, defaultStorageClass, persistentVolumeClaimResize, taintNodesByCondition } from './class-plugins.ts';
import { limitRanger } from './limit-ranger.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { defaultTolerationSeconds, priority, runtimeClass } from './pod-plugins.ts';
import { podSecurity } from './pod-security/pod-security.ts';

export interface BuiltinAdmissionOptions {
  /** Reads what plugins decide by: namespaces, classes, limit ranges. */
  readonly reader: Reader;
  readonly clock: Clock;
}

/** Everything that needs no authorizer; certificateApproval and certificateSigning are added by who has one. */
export function builtinAdmission({ reader, clock }: BuiltinAdmissionOptions): AdmissionPlugin[] {
  return [
    namespaceLifecycle(reader),
    certificateRequester(clock),
    limitRanger(reader),
    taintNodesByCondition(),
    podSecurity(reader),
    priority(reader),
    defaultTolerationSeconds(),
    defaultStorageClass(reader),
    persistentVolumeClaimResize(reader),
    runtimeClass(reader),
    certificateSubjectRestriction(),
    defaultIngressClass(reader),
  ];
}
