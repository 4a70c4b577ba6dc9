// The audit log (https://k8s.io/docs/tasks/debug/debug-cluster/audit): who did what, when, and what became of it. A request that
// the policy logs gets a trail; the server tells the trail what happens, and the trail writes one event a stage.
//
//   begin ── RequestReceived ──▶ [started ── ResponseStarted (watches)] ──▶ complete ── ResponseComplete | panic ── Panic
import { type Clock, isObject, microTimestamp, objectOf } from '../../kube/index.ts';
import type { UserInfo } from '../auth/user.ts';
import type { LineSink } from './log-file.ts';
import type { AuditPolicy, Stage, Verdict } from './policy.ts';

type Raw = Readonly<Record<string, unknown>>;

export interface AuditSubject {
  readonly auditId: string;
  readonly uri: string;
  readonly path: string;
  readonly verb: string;
  readonly user?: UserInfo;
  readonly userAgent: string;
  readonly sourceIps: readonly string[];
  readonly resource?: {
    readonly group: string;
    readonly version: string;
    readonly plural: string;
    readonly subresource: string;
    readonly namespace: string;
    readonly name: string;
  };
}

export interface AuditOptions {
  readonly policy: AuditPolicy;
  readonly sink: LineSink;
  readonly clock: Clock;
}

export class Audit {
  readonly #o: AuditOptions;

  constructor(o: AuditOptions) {
    this.#o = o;
  }

  /** Undefined where the policy does not log the request. */
  begin(subject: AuditSubject): Trail | undefined {
    const verdict = this.#o.policy.verdict(subject);
    return verdict.level === 'None' ? undefined : new Trail(this.#o, subject, verdict);
  }

  /** Resolves when the log can take more; undefined = now. */
  room(): Promise<void> | undefined {
    return this.#o.sink.room();
  }

  close(): Promise<void> {
    return this.#o.sink.close();
  }
}

/** One request's way through the log. */
export class Trail {
  readonly #o: AuditOptions;
  readonly #subject: AuditSubject;
  readonly #verdict: Verdict;
  readonly #received: string;
  readonly #annotations: Record<string, string> = {};
  #impersonated: UserInfo | undefined;
  #request: unknown;
  #response: unknown;
  #status: Raw = {};
  #over = false;

  constructor(o: AuditOptions, subject: AuditSubject, verdict: Verdict) {
    this.#o = o;
    this.#subject = subject;
    this.#verdict = verdict;
    this.#received = microTimestamp(o.clock.now());
    this.#write('RequestReceived');
  }

  /** Whether bodies of requests are logged. */
  get wantsRequest(): boolean {
    return this.#verdict.level === 'Request' || this.wantsResponse;
  }

  /** Whether answers are logged too. */
  get wantsResponse(): boolean {
    return this.#verdict.level === 'RequestResponse';
  }

  annotate(key: string, value: string): void {
    this.#annotations[key] ??= value;
  }

  actsAs(user: UserInfo): void {
    this.#impersonated = user;
  }

  /** The object of a write as it was sent; it is copied, for it will be changed. */
  request(object: unknown): void {
    if (this.wantsRequest) this.#request ??= structuredClone(object);
  }

  /** The JSON of what is answered. */
  response(json: Uint8Array | string): void {
    if (this.wantsResponse) this.#response = json;
  }

  /** The Status that refuses the request. */
  refused(status: Raw): void {
    const { kind: _kind, apiVersion: _apiVersion, ...told } = status;
    this.#status = told;
    this.response(JSON.stringify(status));
  }

  /** The headers of a long answer are out. */
  started(code: number): void {
    this.#write('ResponseStarted', code);
  }

  complete(code: number): void {
    if (!this.#over) this.#write('ResponseComplete', code);
    this.#over = true;
  }

  /** The server itself failed. */
  panic(code: number): void {
    if (!this.#over) this.#write('Panic', code);
    this.#over = true;
  }

  #write(stage: Stage, code?: number): void {
    if (this.#verdict.omitStages.includes(stage)) return;
    const { user, resource, ...s } = this.#subject;
    const event = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: this.#verdict.level,
      auditID: s.auditId,
      stage,
      requestURI: s.uri,
      verb: s.verb,
      user: user ? userOf(user) : {},
      ...(this.#impersonated ? { impersonatedUser: userOf(this.#impersonated) } : {}),
      sourceIPs: s.sourceIps,
      ...(s.userAgent ? { userAgent: s.userAgent } : {}),
      ...(resource ? { objectRef: objectRef(resource, this.#request) } : {}),
      ...(code === undefined ? {} : { responseStatus: { metadata: {}, ...this.#status, code } }),
      ...(this.#request === undefined ? {} : { requestObject: this.#shown(this.#request) }),
      ...(code === undefined || this.#response === undefined ? {} : { responseObject: this.#shown(parsed(this.#response)) }),
      requestReceivedTimestamp: this.#received,
      stageTimestamp: microTimestamp(this.#o.clock.now()),
      ...(Object.keys(this.#annotations).length > 0 ? { annotations: this.#annotations } : {}),
    };
    this.#o.sink.append(JSON.stringify(event));
  }

  #shown(object: unknown): unknown {
    if (!this.#verdict.omitManagedFields || !isObject(object)) return object;
    const items = object['items'];
    return withoutManagedFields(
      Array.isArray(items) ? { ...object, items: items.map(i => (isObject(i) ? withoutManagedFields(i) : i)) } : object,
    );
  }
}

function withoutManagedFields(object: Raw): Raw {
  if (!isObject(object['metadata'])) return object;
  const { managedFields: _managedFields, ...metadata } = object['metadata'];
  return { ...object, metadata };
}

function parsed(json: unknown): unknown {
  const text = typeof json === 'string' ? json : Buffer.from(json as Uint8Array).toString();
  try {
    return JSON.parse(text);
  } catch {
    // An answer that is no JSON is told as it is.
    return text;
  }
}

const userOf = (u: UserInfo): Raw => ({
  username: u.username,
  ...(u.uid ? { uid: u.uid } : {}),
  groups: u.groups,
  ...(u.extra && Object.keys(u.extra).length > 0 ? { extra: u.extra } : {}),
});

function objectRef(r: NonNullable<AuditSubject['resource']>, request: unknown): Raw {
  const meta = objectOf(isObject(request) ? request['metadata'] : undefined);
  const text = (key: string, value: unknown): Raw => (typeof value === 'string' && value !== '' ? { [key]: value } : {});
  return {
    resource: r.plural,
    ...text('namespace', r.namespace),
    ...text('name', r.name || meta['name']),
    ...text('uid', meta['uid']),
    ...text('apiGroup', r.group),
    apiVersion: r.version,
    ...text('resourceVersion', meta['resourceVersion']),
    ...text('subresource', r.subresource),
  };
}
