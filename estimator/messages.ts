// The messages of the estimator service (specification §7.1), to bytes and back. Kubernetes' own types inside them are
// bytes in Kubernetes' protobuf form. Empty lists and maps are left out, so a selector without terms arrives as none.
import { formatQuantity, quantityOfJson } from '../kube/index.ts';
import type {
  AssumedWorkload,
  Component,
  ComponentRequirements,
  NodeClaim,
  NodeSelector,
  NodeSelectorRequirement,
  ObjectReference,
  ReplicaRequirements,
  ResourceList,
  Toleration,
} from './types.ts';
import { Fields, Writer } from './wire.ts';

export interface ReplicasMessage {
  readonly cluster: string;
  readonly requirements?: ReplicaRequirements;
  readonly assumed: readonly AssumedWorkload[];
}

export interface SetsMessage {
  readonly cluster: string;
  readonly components: readonly Component[];
  readonly namespace: string;
  readonly assumed: readonly AssumedWorkload[];
}

export interface UnschedulableMessage {
  readonly cluster: string;
  readonly resource?: ObjectReference;
  readonly thresholdMs: number;
}

export interface Codec<T> {
  encode(value: T): Buffer;
  decode(bytes: Uint8Array): T;
}

const NANOS_PER_MS = 1_000_000n;
const some = <T>(list: readonly T[]): readonly T[] | undefined => (list.length ? list : undefined);

export const replicasRequest: Codec<ReplicasMessage> = {
  encode: ({ cluster, requirements, assumed }) =>
    finish(assumedTo(new Writer().string(1, cluster).bytes(2, requirements && replicaRequirementsTo(requirements)), 3, assumed)),
  decode: bytes => {
    const f = new Fields(bytes);
    const requirements = f.message(2);
    return {
      cluster: f.string(1),
      assumed: f.messages(3).map(assumedFrom),
      ...(requirements ? { requirements: replicaRequirementsFrom(requirements) } : {}),
    };
  },
};

export const setsRequest: Codec<SetsMessage> = {
  encode: ({ cluster, components, namespace, assumed }) => {
    const writer = new Writer().string(1, cluster);
    for (const component of components) writer.bytes(2, componentTo(component));
    return finish(assumedTo(writer.string(3, namespace), 4, assumed));
  },
  decode: bytes => {
    const f = new Fields(bytes);
    return {
      cluster: f.string(1),
      components: f.messages(2).map(componentFrom),
      namespace: f.string(3),
      assumed: f.messages(4).map(assumedFrom),
    };
  },
};

export const unschedulableRequest: Codec<UnschedulableMessage> = {
  encode: ({ cluster, resource: r, thresholdMs }) =>
    finish(
      new Writer()
        .string(1, cluster)
        .bytes(2, r && new Writer().string(1, r.apiVersion).string(2, r.kind).string(3, r.namespace).string(4, r.name).finish())
        .int(3, BigInt(Math.round(thresholdMs)) * NANOS_PER_MS),
    ),
  decode: bytes => {
    const f = new Fields(bytes);
    const r = f.message(2);
    const resource = r && { apiVersion: r.string(1), kind: r.string(2), namespace: r.string(3), name: r.string(4) };
    return { cluster: f.string(1), thresholdMs: Number((f.int64(3) ?? 0n) / NANOS_PER_MS), ...(resource ? { resource } : {}) };
  },
};

/** All three responses are one int32. */
export const countResponse: Codec<number> = {
  encode: value => finish(new Writer().int(1, value)),
  decode: bytes => new Fields(bytes).int32(1),
};

function finish(writer: Writer): Buffer {
  return Buffer.from(writer.finish());
}

function replicaRequirementsTo(r: ReplicaRequirements): Uint8Array {
  const writer = new Writer().bytes(1, nodeClaimTo(r.nodeClaim)).string(3, r.namespace).string(4, r.priorityClassName);
  return resourcesTo(writer, 5, r.resourceRequest).finish();
}

function replicaRequirementsFrom(f: Fields): ReplicaRequirements {
  const namespace = f.string(3);
  return { ...requirementsFrom(f, { priorityClass: 4, resources: 5 }), ...(namespace ? { namespace } : {}) };
}

function requirementsFrom(f: Fields, at: { readonly priorityClass: number; readonly resources: number }): ComponentRequirements {
  const claim = f.message(1);
  const priorityClassName = f.string(at.priorityClass);
  const resources = f.entries(at.resources).map(([name, quantity]) => [name, quantity.string(1)] as const);
  return {
    ...(claim ? { nodeClaim: nodeClaimFrom(claim) } : {}),
    ...(priorityClassName ? { priorityClassName } : {}),
    ...(resources.length ? { resourceRequest: Object.fromEntries(resources) } : {}),
  };
}

function componentTo({ name, replicas, replicaRequirements: r }: Component): Uint8Array {
  const requirements =
    r && resourcesTo(new Writer().bytes(1, nodeClaimTo(r.nodeClaim)).string(3, r.priorityClassName), 4, r.resourceRequest).finish();
  return new Writer().string(1, name).bytes(2, requirements).int(3, replicas).finish();
}

function componentFrom(f: Fields): Component {
  const r = f.message(2);
  const requirements = r && requirementsFrom(r, { priorityClass: 3, resources: 4 });
  return { name: f.string(1), replicas: f.int32(3), ...(requirements ? { replicaRequirements: requirements } : {}) };
}

function assumedTo(writer: Writer, field: number, assumed: readonly AssumedWorkload[]): Writer {
  for (const { namespace, components = [] } of assumed) {
    const workload = new Writer().string(1, namespace);
    for (const component of components) workload.bytes(2, componentTo(component));
    writer.bytes(field, workload.finish());
  }
  return writer;
}

function assumedFrom(f: Fields): AssumedWorkload {
  return { namespace: f.string(1), components: f.messages(2).map(componentFrom) };
}

function resourcesTo(writer: Writer, field: number, list: ResourceList = {}): Writer {
  for (const [name, value] of Object.entries(list)) {
    writer.entry(field, name, new Writer().string(1, formatQuantity(quantityOfJson(value))).finish());
  }
  return writer;
}

function nodeClaimTo(claim: NodeClaim | undefined): Uint8Array | undefined {
  if (!claim) return undefined;
  const writer = new Writer();
  for (const [key, value] of Object.entries(claim.nodeSelector ?? {})) writer.entry(2, key, new TextEncoder().encode(value));
  const affinity = claim.hardNodeAffinity && nodeSelectorTo(claim.hardNodeAffinity);
  writer.bytes(4, affinity?.length ? affinity : undefined);
  for (const toleration of claim.tolerations ?? []) writer.bytes(5, tolerationTo(toleration));
  return writer.finish();
}

function nodeClaimFrom(f: Fields): NodeClaim {
  const selector = f.stringEntries(2);
  const affinity = f.message(4);
  const tolerations = some(f.messages(5).map(tolerationFrom));
  return {
    ...(selector.length ? { nodeSelector: Object.fromEntries(selector) } : {}),
    ...(affinity ? { hardNodeAffinity: nodeSelectorFrom(affinity) } : {}),
    ...(tolerations ? { tolerations } : {}),
  };
}

function nodeSelectorTo({ nodeSelectorTerms = [] }: NodeSelector): Uint8Array {
  const writer = new Writer();
  for (const { matchExpressions = [], matchFields = [] } of nodeSelectorTerms) {
    const term = new Writer();
    for (const requirement of matchExpressions) term.bytes(1, requirementTo(requirement));
    for (const requirement of matchFields) term.bytes(2, requirementTo(requirement));
    writer.bytes(1, term.finish());
  }
  return writer.finish();
}

function nodeSelectorFrom(f: Fields): NodeSelector {
  return {
    nodeSelectorTerms: f.messages(1).map(term => ({
      matchExpressions: term.messages(1).map(requirementFrom),
      matchFields: term.messages(2).map(requirementFrom),
    })),
  };
}

function requirementTo({ key, operator, values = [] }: NodeSelectorRequirement): Uint8Array {
  const writer = new Writer().string(1, key).string(2, operator);
  for (const value of values) writer.bytes(3, new TextEncoder().encode(value));
  return writer.finish();
}

function requirementFrom(f: Fields): NodeSelectorRequirement {
  const values = some(f.strings(3));
  return { key: f.string(1), operator: f.string(2), ...(values ? { values } : {}) };
}

function tolerationTo(t: Toleration): Uint8Array {
  const writer = new Writer().string(1, t.key).string(2, t.operator).string(3, t.value).string(4, t.effect);
  return writer.int(5, t.tolerationSeconds).finish();
}

function tolerationFrom(f: Fields): Toleration {
  const seconds = f.int64(5);
  return {
    key: f.string(1),
    operator: f.string(2),
    value: f.string(3),
    effect: f.string(4),
    ...(seconds === undefined ? {} : { tolerationSeconds: Number(seconds) }),
  };
}
