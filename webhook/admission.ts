// The contract of our admission rules: pure functions of a request and what a reader lists. A rule never writes; what must be
// written on success (quota usage) is part of its verdict, and the caller writes it, asking again after a conflict.
import type { FeatureGates, FederatedResourceQuota, ResourceInterpreterCustomization } from '../crds/index.ts';
import { type AnyObject, type Clock, type FieldError, type Resource, StatusError } from '../kube/index.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** What the administrator allows. */
export interface WebhookOptions {
  /** Whether a ClusterTaintPolicy may set NoExecute taints. */
  readonly allowNoExecuteTaintPolicy?: boolean;
}

export interface AdmissionRequest {
  readonly operation: Operation;
  /** Of the request; absent for cluster scope. */
  readonly namespace?: string;
  /** Absent on DELETE. */
  readonly object?: AnyObject;
  /** Present on UPDATE and DELETE. */
  readonly oldObject?: AnyObject;
  readonly dryRun?: boolean;
  readonly gates?: FeatureGates;
  readonly options?: WebhookOptions;
}

/** Objects of the control plane that rules compare with. */
export interface AdmissionReader {
  quotas(namespace: string, signal: AbortSignal): Promise<readonly FederatedResourceQuota[]>;
  customizations(signal: AbortSignal): Promise<readonly ResourceInterpreterCustomization[]>;
}

/** What a rule may use beside the request. */
export interface AdmissionContext {
  readonly reader: AdmissionReader;
  readonly clock: Clock;
  /** The fault of a Lua script as the parser words it; undefined for a good one. */
  readonly compileLua: (script: string, signal: AbortSignal) => Promise<string | undefined>;
}

/** New usage of a quota, to be written to its status before the request goes on. */
export interface QuotaUpdate {
  readonly quota: FederatedResourceQuota;
  readonly overallUsed: Readonly<Record<string, string>>;
}

export interface Allowed {
  readonly allowed: true;
  readonly quotaUpdates?: readonly QuotaUpdate[];
}

export interface Denied {
  readonly allowed: false;
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}

export type Verdict = Allowed | Denied;

export type Mutate = (request: AdmissionRequest, context: AdmissionContext) => AnyObject;
export type Validate = (request: AdmissionRequest, context: AdmissionContext, signal: AbortSignal) => Verdict | Promise<Verdict>;

/** Which requests a rule sees: `*` stands for every group, version or resource. */
export type Scope = Pick<Resource, 'group' | 'version' | 'plural' | 'scope'>;

export interface AdmissionRule {
  /** URL path under which the rule is served, such as `/validate-work`. */
  readonly path: string;
  /** Name of the webhook, as denials quote it. */
  readonly name: string;
  readonly kinds: readonly Scope[];
  readonly operations: readonly Operation[];
  /** Only objects with this label are seen. */
  readonly label?: string;
  readonly timeoutSeconds?: number;
  readonly sideEffects?: 'NoneOnDryRun';
  readonly mutate?: Mutate;
  readonly validate?: Validate;
}

export const allowed: Allowed = { allowed: true };

/** 403 with a text of its own. */
export function deny(message: string, reason = 'Forbidden'): Denied {
  return { allowed: false, code: 403, reason, message };
}

/** Denied with all faults in one text, or allowed where there are none. */
export function verdictOf(errors: readonly FieldError[]): Verdict {
  return errors.length ? deny(joinErrors(errors)) : allowed;
}

/** One text as it is, several in brackets; each text once. */
export function joinErrors(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(e => e.text))];
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
}

/** The object of a request that must have one. */
export function objectIn(request: AdmissionRequest): AnyObject {
  if (!request.object) throw new StatusError({ code: 400, reason: 'BadRequest', message: 'there is no content to decode' });
  return request.object;
}
