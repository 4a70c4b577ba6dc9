// Names derived from other names.
import * as naming from '../../../../crds/index.ts';
import { equal } from '../../../../kube/index.ts';
import { agree, differ, type Suite } from '../../suite.ts';

const RULES: Record<string, (...args: string[]) => unknown> = {
  executionSpace: naming.executionSpace,
  clusterOfExecutionSpace: naming.clusterOfExecutionSpace,
  binding: naming.bindingName,
  bindingReferenceKey: naming.bindingReferenceKey,
  work: naming.workName,
  serviceAccount: naming.serviceAccountName,
  role: naming.memberRoleName,
  endpointSlice: (slice, cluster) => naming.importedEndpointSliceName(slice ?? '', cluster ?? ''),
  derivedService: naming.derivedServiceName,
  estimatorService: naming.estimatorServiceName,
  estimatorDeployment: naming.estimatorDeploymentName,
  isReservedNamespace: naming.isReservedNamespace,
  impersonationSecret: naming.impersonatorSecretName,
  policy: naming.promotionPolicyName,
  namespacedKey: naming.namespacedKey,
};

export const suite: Suite = {
  check(c) {
    const { fn, args } = c.in as { fn: string; args: string[] };
    const result = RULES[fn]?.(...args);
    const got = result === undefined ? { error: naming.NOT_AN_EXECUTION_SPACE } : { result };
    return equal(got, c.out) ? agree : differ(got, c.out);
  },
};
