// One error type from the store to the client: it mirrors the Kubernetes Status. Codes and reasons are one table;
// clients switch on `reason`, never on text (specification §2.14).
import type { FieldError } from './field-error.ts';

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** The wire form of an error. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly continue?: string };
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code: number;
}

interface StatusFields {
  readonly code: number;
  readonly message: string;
  readonly reason?: string | undefined;
  readonly details?: StatusDetails | undefined;
  /** The token that a 410 of a list hands out to go on inconsistently. */
  readonly continue?: string | undefined;
  readonly cause?: unknown;
}

export class StatusError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;
  readonly continue: string | undefined;

  constructor(fields: StatusFields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = 'StatusError';
    this.code = fields.code;
    this.reason = fields.reason ?? '';
    this.details = fields.details;
    this.continue = fields.continue;
  }

  /** The Status as sent to clients. */
  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.continue === undefined ? {} : { continue: this.continue },
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    };
  }

  /** The error that a Status body stands for; for clients. */
  static fromStatus(status: Partial<Status>, code: number): StatusError {
    return new StatusError({
      code: status.code ?? code,
      message: status.message ?? `the server answered ${code}`,
      reason: status.reason,
      details: status.details,
      continue: status.metadata?.continue,
    });
  }
}

/** What an error is about: plural resource and name. */
export interface Subject {
  readonly group: string;
  readonly plural: string;
  readonly name: string;
}

const about = (s: Subject): string => `${s.group ? `${s.plural}.${s.group}` : s.plural} "${s.name}"`;
const details = (s: Subject): StatusDetails => ({ name: s.name, ...(s.group ? { group: s.group } : {}), kind: s.plural });

export const badRequest = (message: string, cause?: unknown): StatusError =>
  new StatusError({ code: 400, reason: 'BadRequest', message, cause });

export const unauthorized = (message = 'Unauthorized'): StatusError => new StatusError({ code: 401, reason: 'Unauthorized', message });

export const forbidden = (s: Subject, why: string, causes?: readonly StatusCause[]): StatusError =>
  new StatusError({
    code: 403,
    reason: 'Forbidden',
    message: s.name ? `${about(s)} is forbidden: ${why}` : `${s.group ? `${s.plural}.${s.group}` : s.plural} is forbidden: ${why}`,
    details: {
      ...(s.name ? { name: s.name } : {}),
      ...(s.group ? { group: s.group } : {}),
      kind: s.plural,
      ...(causes ? { causes } : {}),
    },
  });

export const notFound = (s: Subject): StatusError =>
  new StatusError({ code: 404, reason: 'NotFound', message: `${about(s)} not found`, details: details(s) });

/** A path below a served group that leads nowhere. */
export const noSuchResource = (): StatusError =>
  new StatusError({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource', details: {} });

export const methodNotAllowed = (): StatusError =>
  new StatusError({
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
    details: {},
  });

export const notAcceptable = (message: string, withDetails = false): StatusError =>
  new StatusError({ code: 406, reason: 'NotAcceptable', message, ...(withDetails ? { details: {} } : {}) });

export const alreadyExists = (s: Subject, o: { readonly message?: string; readonly retryAfterSeconds?: number } = {}): StatusError =>
  new StatusError({
    code: 409,
    reason: 'AlreadyExists',
    message: o.message ?? `${about(s)} already exists`,
    details: { ...details(s), ...(o.retryAfterSeconds ? { retryAfterSeconds: o.retryAfterSeconds } : {}) },
  });

const OPTIMISTIC_LOCK = 'the object has been modified; please apply your changes to the latest version and try again';

export const conflict = (s: Subject, why: string = OPTIMISTIC_LOCK): StatusError =>
  new StatusError({
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on ${about(s)}: ${why}`,
    details: details(s),
  });

export const expired = (message: string, token?: string): StatusError =>
  new StatusError({ code: 410, reason: 'Expired', message, continue: token });

export const tooLarge = (message: string): StatusError => new StatusError({ code: 413, reason: 'RequestEntityTooLarge', message });

export const unsupportedMediaType = (message: string, withDetails = false): StatusError =>
  new StatusError({ code: 415, reason: 'UnsupportedMediaType', message, ...(withDetails ? { details: {} } : {}) });

/** What an Invalid error is about: the Kind, not the plural. */
export interface InvalidSubject {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

/** 422 with one cause a field error; the message lists them, in brackets when there are several. */
export function invalid(s: InvalidSubject, errors: readonly FieldError[]): StatusError {
  const texts = [...new Set(errors.map(e => e.text))];
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return new StatusError({
    code: 422,
    reason: 'Invalid',
    message: `${s.group ? `${s.kind}.${s.group}` : s.kind} "${s.name}" is invalid${texts.length ? `: ${list}` : ''}`,
    details: {
      ...(s.name ? { name: s.name } : {}),
      ...(s.group ? { group: s.group } : {}),
      ...(s.kind ? { kind: s.kind } : {}),
      causes: errors.map(e => ({ reason: e.reason, message: e.body, field: e.field })),
    },
  });
}

export const tooManyRequests = (message: string, retryAfterSeconds = 1): StatusError =>
  new StatusError({ code: 429, reason: 'TooManyRequests', message, details: { retryAfterSeconds } });

export const internal = (message: string, cause?: unknown): StatusError =>
  new StatusError({
    code: 500,
    reason: 'InternalError',
    message: `Internal error occurred: ${message}`,
    details: { causes: [{ message }] },
    cause,
  });

/** A 500 without a reason: how the reference answers some faults of the client (specification §3). */
export const plain500 = (message: string): StatusError => new StatusError({ code: 500, message });

export const unavailable = (message: string): StatusError => new StatusError({ code: 503, reason: 'ServiceUnavailable', message });

export const timeout = (
  message: string,
  o: { readonly causes?: readonly StatusCause[]; readonly retryAfterSeconds?: number } = {},
): StatusError =>
  new StatusError({
    code: 504,
    reason: 'Timeout',
    message,
    details: { ...(o.causes ? { causes: o.causes } : {}), ...(o.retryAfterSeconds ? { retryAfterSeconds: o.retryAfterSeconds } : {}) },
  });

export function isStatusError(error: unknown, reason?: string): error is StatusError {
  return error instanceof StatusError && (reason === undefined || error.reason === reason);
}
