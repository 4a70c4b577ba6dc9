// What the plane asks about an object of any kind: how many replicas it wants, whether it is healthy, what it needs beside it, and so on.
// A layer (native, declarative, third-party, webhook) answers for the kinds it knows; `chain.ts` asks the layers in order.
// All inputs are JSON values that nobody changes; results may share parts with them.
import type { AnyObject } from '../kube/index.ts';

/** Where pods of a workload may run; `nodeClaim` of ReplicaRequirements. */
export interface NodeClaim {
  readonly hardNodeAffinity?: Readonly<Record<string, unknown>>;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly Readonly<Record<string, unknown>>[];
}

/** What one replica needs; quantities are canonical text. */
export interface ReplicaRequirements {
  readonly nodeClaim?: NodeClaim;
  readonly resourceRequest?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  readonly priorityClassName?: string;
}

/** One part of a workload that scales by itself. */
export interface Component {
  readonly name: string;
  readonly replicas: number;
  readonly replicaRequirements?: ReplicaRequirements;
}

/** Replicas of a workload and what each needs; no requirements = nothing known. */
export interface Replicas {
  readonly replicas: number;
  readonly requirements: ReplicaRequirements | undefined;
}

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[];
}

/** Another object that has to be where the interpreted one is; either a name or a labelSelector. */
export interface DependentObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly labelSelector?: LabelSelector;
}

/** What one cluster reported about a binding's object. */
export interface AggregatedStatusItem {
  readonly clusterName: string;
  readonly status?: unknown;
  readonly applied?: boolean;
  readonly appliedMessage?: string;
  readonly health?: string;
}

/** The words of ResourceInterpreterWebhookConfiguration and of HookEnabled. */
export type InterpreterOperation =
  | 'InterpretReplica'
  | 'InterpretComponent'
  | 'ReviseReplica'
  | 'Retain'
  | 'AggregateStatus'
  | 'InterpretDependency'
  | 'InterpretStatus'
  | 'InterpretHealth';

/**
 * Interprets objects of one kind (a layer's entry) or of all (the chain). An absent method means: ask the next layer.
 * Every method rejects with a StatusError; the first layer that has an entry gives the final answer.
 */
export interface Interpreter {
  replicas?(object: AnyObject, signal?: AbortSignal): Promise<Replicas>;
  components?(object: AnyObject, signal?: AbortSignal): Promise<readonly Component[] | undefined>;
  revise?(object: AnyObject, replicas: number, signal?: AbortSignal): Promise<AnyObject>;
  /** The desired object with what the member cluster owns taken over from the observed one. */
  retain?(desired: AnyObject, observed: AnyObject, signal?: AbortSignal): Promise<AnyObject>;
  /** The object with the sum of the members' statuses (undefined: no list of them exists); the very same object when nothing changes. */
  aggregate?(object: AnyObject, items: readonly AggregatedStatusItem[] | undefined, signal?: AbortSignal): Promise<AnyObject>;
  dependencies?(object: AnyObject, signal?: AbortSignal): Promise<readonly DependentObjectReference[]>;
  /** The status to report; undefined = nothing to report. */
  reflect?(observed: AnyObject, signal?: AbortSignal): Promise<unknown>;
  health?(observed: AnyObject, signal?: AbortSignal): Promise<boolean>;
}

/** The method of an Interpreter that carries out an operation. */
export const METHOD_OF: Readonly<Record<InterpreterOperation, keyof Interpreter>> = {
  InterpretReplica: 'replicas',
  InterpretComponent: 'components',
  ReviseReplica: 'revise',
  Retain: 'retain',
  AggregateStatus: 'aggregate',
  InterpretDependency: 'dependencies',
  InterpretStatus: 'reflect',
  InterpretHealth: 'health',
};

/** Knows some kinds: its entry for one, or undefined. */
export interface InterpreterLayer {
  readonly name: string;
  interpreterFor(apiVersion: string, kind: string): Interpreter | undefined;
}

/** Everything may be asked; without any layer that knows an answer a method rejects. */
export type CompleteInterpreter = { readonly [M in keyof Interpreter]-?: NonNullable<Interpreter[M]> };
