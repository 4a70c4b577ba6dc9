// HTTP as clients of Kubernetes speak it: requests and watches over kept connections, with certificates or tokens.

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import { eventually, expect } from './expect.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are read as they come
export type Json = any;

export interface Access {
  readonly server: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Every header with each of its values: Warning may come often. */
  readonly warnings: readonly string[];
  readonly bytes: Buffer;
  readonly text: string;
  readonly json: Json;
}

export interface HttpRequest {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Bearer token instead of the administrator's certificate; '' = neither. */
  readonly token?: string;
}

const TIMEOUT_MS = 60_000;

export class Http {
  readonly access: Access;
  readonly #agent: Agent;
  readonly #bare: Agent;

  constructor(access: Access) {
    this.access = access;
    this.#agent = new Agent({ keepAlive: true, ca: access.ca, cert: access.cert, key: access.key });
    this.#bare = new Agent({ keepAlive: true, ca: access.ca });
  }

  close(): void {
    this.#agent.destroy();
    this.#bare.destroy();
  }

  /** Sends one request and reads its answer whole. */
  async send(method: string, path: string, o: HttpRequest = {}): Promise<Answer> {
    const response = await this.open(method, path, o);
    const parts: Buffer[] = [];
    for await (const part of response) parts.push(part as Buffer);
    const bytes = Buffer.concat(parts);
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      warnings: response.headersDistinct['warning'] ?? [],
      bytes,
      text: bytes.toString(),
      get json() {
        return JSON.parse(bytes.toString()) as Json;
      },
    };
  }

  /** Sends one request; the answer's body is still to be read. */
  open(method: string, path: string, o: HttpRequest = {}, signal?: AbortSignal): Promise<IncomingMessage> {
    const { body } = o;
    const bytes =
      body === undefined
        ? undefined
        : typeof body === 'string' || Buffer.isBuffer(body)
          ? Buffer.from(body)
          : Buffer.from(JSON.stringify(body));
    const headers: Record<string, string | string[]> = {
      ...(bytes && typeof body === 'object' && !Buffer.isBuffer(body) ? { 'Content-Type': 'application/json' } : {}),
      ...(bytes ? { 'Content-Length': String(bytes.length) } : {}),
      ...(o.token ? { Authorization: `Bearer ${o.token}` } : {}),
      ...o.headers,
    };
    const options: RequestOptions = {
      method,
      headers,
      agent: o.token === undefined ? this.#agent : this.#bare,
      ...(signal ? { signal } : {}),
    };
    return new Promise((resolve, reject) => {
      const sent = request(`${this.access.server}${path}`, options, resolve);
      sent.setTimeout(TIMEOUT_MS, () => sent.destroy(new Error(`${method} ${path} was silent for ${TIMEOUT_MS / 1000} s`)));
      sent.on('error', reject);
      sent.end(bytes);
    });
  }

  /** Starts a watch; resolves when its headers are there. */
  async watch(path: string, o: HttpRequest = {}, onFrame?: (frame: Frame) => void): Promise<Watching> {
    const stop = new AbortController();
    const response = await this.open('GET', path, o, stop.signal);
    return new Watching(response, () => stop.abort(), onFrame);
  }
}

export interface Frame {
  readonly type: string;
  readonly object: Json;
}

/** A watch and what has come of it so far. */
export class Watching {
  readonly frames: Frame[] = [];
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Resolves when the server ends the stream: true where it ended cleanly. */
  readonly ended: Promise<boolean>;
  readonly #stop: () => void;
  readonly #onFrame: ((frame: Frame) => void) | undefined;
  #rest = '';
  #done = false;

  constructor(response: IncomingMessage, stop: () => void, onFrame?: (frame: Frame) => void) {
    this.#onFrame = onFrame;
    this.status = response.statusCode ?? 0;
    this.headers = response.headers;
    this.#stop = stop;
    response.on('data', (part: Buffer) => this.#take(part.toString()));
    this.ended = new Promise(resolve => {
      response.on('error', () => resolve(false));
      response.on('close', () => {
        this.#done = true;
        resolve(response.complete);
      });
    });
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line) continue;
      const frame = JSON.parse(line) as Frame;
      this.frames.push(frame);
      this.#onFrame?.(frame);
    }
  }

  get done(): boolean {
    return this.#done;
  }

  /** What came last, of those that match. */
  async until(what: string, matches: (frame: Frame) => boolean, timeoutMs?: number): Promise<Frame> {
    return eventually(what, () => this.frames.find(matches), {
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      last: () => this.frames.map(f => `${f.type} ${f.object.metadata?.name ?? f.object.kind}`),
    });
  }

  /** `TYPE name` of each event but bookmarks. */
  story(): string[] {
    return this.frames.filter(f => f.type !== 'BOOKMARK').map(f => `${f.type} ${f.object.metadata?.name}`);
  }

  close(): void {
    this.#stop();
  }
}

/** The answer's object, or an error with what the server said. */
export function ok(answer: Answer, ...codes: number[]): Json {
  const wanted = codes.length > 0 ? codes : [200, 201];
  expect(wanted.includes(answer.status), `wanted ${wanted.join(' or ')}, the answer was ${answer.status}`, answer.text);
  return answer.text === '' ? undefined : answer.json;
}

/** The Status of a refusal. */
export function status(answer: Answer, code: number, reason?: string): Json {
  expect(answer.status === code, `wanted ${code}, the answer was ${answer.status}`, answer.text);
  const body = answer.json;
  expect(reason === undefined || body.reason === reason, `wanted reason ${reason}`, body);
  return body;
}
