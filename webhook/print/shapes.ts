// The shapes of values that error texts quote, in the field order of the reference API.
import { boolean, list, map, number, pointer, raw, renamed, type Shape, struct, text } from './go-json.ts';

const requirement = struct({ key: text, operator: text, values: list(text) }, ['key', 'operator']);
const labelSelector = struct({ matchLabels: map, matchExpressions: list(requirement) });

export const fieldSelector = struct({ matchExpressions: list(requirement) });

const affinityFields = {
  labelSelector: pointer(labelSelector),
  fieldSelector: pointer(fieldSelector),
  clusterNames: list(text),
  exclude: list(text),
};
export const clusterAffinity = struct(affinityFields);

const overflowAffinity = struct({ affinityName: text, ...affinityFields }, ['affinityName']);
export const overflowAffinities = list(overflowAffinity);

const affinityTerm = struct({ affinityName: text, ...affinityFields, overflowAffinities }, ['affinityName']);
export const clusterAffinities = list(affinityTerm);

export const spreadConstraint = struct({ spreadByField: text, spreadByLabel: text, maxGroups: number, minGroups: number });
export const spreadConstraints = list(spreadConstraint);

const affinityKey = pointer(struct({ groupByLabelKey: text }, ['groupByLabelKey']));
export const workloadAffinity = struct({ affinity: affinityKey, antiAffinity: affinityKey });

const toleration = struct({ key: text, operator: text, value: text, effect: text, tolerationSeconds: pointer(number) });
const staticWeight = struct({ targetCluster: clusterAffinity, weight: number }, ['targetCluster', 'weight']);
const replicaScheduling = struct({
  replicaSchedulingType: text,
  replicaDivisionPreference: text,
  weightPreference: pointer(struct({ staticWeightList: list(staticWeight), dynamicWeight: text })),
});
export const placement = struct({
  clusterAffinity: pointer(clusterAffinity),
  clusterAffinities,
  clusterTolerations: list(toleration),
  spreadConstraints,
  replicaScheduling: pointer(replicaScheduling),
  workloadAffinity: pointer(workloadAffinity),
});

export const suspension = struct({
  dispatching: pointer(boolean),
  dispatchingOnClusters: pointer(struct({ clusterNames: list(text) })),
});

const plaintext = struct({ path: text, operator: text, value: raw }, ['path', 'operator']);
const image = struct({ predicate: pointer(struct({ path: text }, ['path'])), component: text, operator: text, value: text }, [
  'component',
  'operator',
]);
const commandArgs = struct({ containerName: text, operator: text, value: list(text) }, ['containerName', 'operator']);
const labelAnnotation = struct({ operator: text, value: map }, ['operator', 'value']);
const subPatch = struct({ subPath: text, operator: text, value: raw }, ['subPath', 'operator']);
export const fieldOverrider = struct({ fieldPath: text, json: list(subPatch), yaml: list(subPatch) }, ['fieldPath']);
export const overriders = struct({
  plaintext: list(plaintext),
  imageOverrider: list(image),
  commandOverrider: list(commandArgs),
  argsOverrider: list(commandArgs),
  labelsOverrider: list(labelAnnotation),
  annotationsOverrider: list(labelAnnotation),
  fieldOverrider: list(fieldOverrider),
});

const secretReference = pointer(
  renamed([
    ['namespace', 'Namespace', text],
    ['name', 'Name', text],
  ]),
);
export const taint = struct({ key: text, value: text, effect: text, timeAdded: pointer(text) }, ['key', 'effect']);
const modelRange = renamed([
  ['name', 'Name', text],
  ['min', 'Min', text],
  ['max', 'Max', text],
]);
export const resourceModels = list(
  renamed([
    ['grade', 'Grade', number],
    ['ranges', 'Ranges', list(modelRange)],
  ]),
);
/** The internal form of a cluster's spec, which the reference prints with its own field names. */
export const clusterSpec: Shape = renamed([
  ['id', 'id', text],
  ['syncMode', 'SyncMode', text],
  ['apiEndpoint', 'APIEndpoint', text],
  ['secretRef', 'SecretRef', secretReference],
  ['impersonatorSecretRef', 'ImpersonatorSecretRef', secretReference],
  ['insecureSkipTLSVerification', 'InsecureSkipTLSVerification', boolean],
  ['proxyURL', 'ProxyURL', text],
  ['proxyHeader', 'ProxyHeader', map],
  ['provider', 'Provider', text],
  ['region', 'Region', text],
  ['zone', 'Zone', text],
  ['zones', 'zones', list(text)],
  ['taints', 'Taints', list(taint)],
  ['resourceModels', 'ResourceModels', resourceModels],
]);
export { raw as rawValue };
