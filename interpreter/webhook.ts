// The webhook layer: asks interpreters behind HTTPS (specification §5.6). Bodies and waiting are bounded; whatever goes wrong is an
// internal error to the caller. undici is loaded with the first call.
import type { Agent } from 'undici';
import type { ResourceInterpreterWebhookConfiguration } from '../crds/index.ts';
import { type Clock, internal, isStatusError } from '../kube/index.ts';
import type { Interpreter, InterpreterLayer, InterpreterOperation } from './interpreter.ts';
import { answers, type Question, readResponse, requestBody } from './webhook-protocol.ts';
import { type SelectedWebhook, selectWebhook } from './webhook-selection.ts';

const MAX_BODY_BYTES = 1024 * 1024;
const DEFAULT_TIMEOUT_SECONDS = 10;
const MAX_AGENTS = 64;

/** A service a webhook names. */
export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly path?: string;
  readonly port?: number;
}

export interface WebhookOptions {
  readonly configurations: () => readonly ResourceInterpreterWebhookConfiguration[];
  /** The host a Service of the control plane stands for: its ClusterIP or external name. */
  readonly serviceHost: (service: ServiceReference, signal: AbortSignal | undefined) => Promise<string>;
  readonly clock: Clock;
}

interface Target {
  readonly url: URL;
  /** The name the certificate has to bear. */
  readonly servername: string;
}

type Response = Readonly<Record<string, unknown>>;

/** A layer over the webhook configurations that exist now. */
export function webhookLayer(o: WebhookOptions): InterpreterLayer {
  const caller = webhookCaller(o);
  return {
    name: 'webhook',
    interpreterFor(apiVersion, kind) {
      const target = { apiVersion, kind };
      const configurations = o.configurations();
      if (configurations.length === 0) return undefined;
      const ask = (operation: InterpreterOperation) => {
        const selected = selectWebhook(configurations, target, operation);
        return (
          selected &&
          ((question: Omit<Question, 'operation'>, signal?: AbortSignal) => caller(selected, { operation, ...question }, signal))
        );
      };
      return interpreterOf(ask);
    },
  };
}

type Ask = (question: Omit<Question, 'operation'>, signal?: AbortSignal) => Promise<Response>;

function interpreterOf(ask: (operation: InterpreterOperation) => Ask | undefined): Interpreter {
  const replica = ask('InterpretReplica');
  const component = ask('InterpretComponent');
  const revise = ask('ReviseReplica');
  const retain = ask('Retain');
  const aggregate = ask('AggregateStatus');
  const dependency = ask('InterpretDependency');
  const status = ask('InterpretStatus');
  const health = ask('InterpretHealth');
  return {
    ...(replica && { replicas: async (object, signal) => answers.replicas(await replica({ object }, signal)) }),
    ...(component && { components: async (object, signal) => answers.components(await component({ object }, signal)) }),
    ...(revise && { revise: async (object, replicas, signal) => answers.patched(await revise({ object, replicas }, signal), object) }),
    ...(retain && {
      retain: async (object, observedObject, signal) => answers.patched(await retain({ object, observedObject }, signal), object),
    }),
    ...(aggregate && {
      aggregate: async (object, aggregatedStatus = [], signal) =>
        answers.patched(await aggregate({ object, aggregatedStatus }, signal), object),
    }),
    ...(dependency && { dependencies: async (object, signal) => answers.dependencies(await dependency({ object }, signal)) }),
    ...(status && { reflect: async (object, signal) => answers.status(await status({ object }, signal)) }),
    ...(health && { health: async (object, signal) => answers.healthy(await health({ object }, signal)) }),
  };
}

/** Calls a webhook and returns its checked response. */
function webhookCaller(o: WebhookOptions): (selected: SelectedWebhook, question: Question, signal?: AbortSignal) => Promise<Response> {
  const agents = new Map<string, Agent>();
  const agentFor = async (caBundle: string | undefined, servername: string): Promise<Agent> => {
    const key = `${servername} ${caBundle ?? ''}`;
    const known = agents.get(key);
    if (known) return known;
    const undici = await import('undici');
    const ca = caBundle ? Buffer.from(caBundle, 'base64').toString('utf8') : undefined;
    const agent = new undici.Agent({ connect: { servername, ...(ca ? { ca } : {}) }, keepAliveTimeout: 10_000 });
    const [oldest] = agents.keys();
    if (agents.size >= MAX_AGENTS && oldest !== undefined) {
      void agents.get(oldest)?.close();
      agents.delete(oldest);
    }
    agents.set(key, agent);
    return agent;
  };
  return async (selected, question, signal) => {
    const uid = o.clock.uuid();
    const { clientConfig, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = selected.webhook;
    const deadline = new AbortController();
    const timer = o.clock.after(timeoutSeconds * 1000, () => deadline.abort(new Error(`no answer within ${timeoutSeconds} s`)));
    const ended = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal;
    try {
      const target = await targetOf(clientConfig, o, ended);
      const dispatcher = await agentFor(clientConfig.caBundle, target.servername);
      return readResponse(await post(target.url, requestBody(question, uid), dispatcher, ended), uid);
    } catch (error) {
      if (isStatusError(error)) throw error;
      throw internal(`failed calling webhook ${JSON.stringify(selected.id)}: ${(error as Error).message}`, error);
    } finally {
      timer.cancel();
    }
  };
}

async function targetOf(
  config: SelectedWebhook['webhook']['clientConfig'],
  o: WebhookOptions,
  signal: AbortSignal | undefined,
): Promise<Target> {
  const { url, service } = config;
  if (url) {
    const parsed = new URL(url);
    if (parsed.protocol !== 'https:') throw internal(`webhook url ${JSON.stringify(url)} is not https`);
    return { url: parsed, servername: parsed.hostname };
  }
  if (!service) throw internal('the webhook names neither url nor service');
  const host = await o.serviceHost(service, signal);
  const address = host.includes(':') ? `[${host}]` : host;
  const path = (service.path ?? '').replace(/^\/?/, '/');
  return { url: new URL(`https://${address}:${service.port ?? 443}${path}`), servername: `${service.name}.${service.namespace}.svc` };
}

async function post(url: URL, body: string, dispatcher: Agent, signal: AbortSignal): Promise<unknown> {
  const { request } = await import('undici');
  const response = await request(url, {
    method: 'POST',
    dispatcher,
    signal,
    body,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
  });
  const text = await boundedText(response.body);
  if (response.statusCode !== 200) throw internal(`the webhook answered ${response.statusCode}: ${text.slice(0, 200)}`);
  return JSON.parse(text) as unknown;
}

async function boundedText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw internal(`the webhook answered more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
