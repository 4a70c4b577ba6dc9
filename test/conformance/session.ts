// What a check is given: a client, a namespace of its own, names that nobody else uses.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Background, run, start, words } from './command.ts';
import type { Output } from './expect.ts';
import { expect } from './expect.ts';
import { type Answer, type Http, type HttpRequest, type Json, ok, type Watching } from './http.ts';
import type { Running } from './server.ts';

type Template = [strings: TemplateStringsArray, ...values: unknown[]];

/** Sends HTTP as the administrator; what every session can do. */
export class RawSession {
  readonly running: Running;
  readonly http: Http;
  /** This check's namespace. */
  readonly ns: string;
  /** What names of cluster-scoped objects end with. */
  readonly tag: string;
  #dir: string | undefined;

  constructor(running: Running, tag: string) {
    this.running = running;
    this.http = running.http;
    this.tag = tag;
    this.ns = `c-${tag}`;
  }

  /** Makes the namespace. */
  async prepare(): Promise<this> {
    ok(await this.send('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.ns } } }));
    return this;
  }

  send(method: string, path: string, o?: HttpRequest): Promise<Answer> {
    return this.http.send(method, path, o);
  }

  async get(path: string, o?: HttpRequest): Promise<Json> {
    return ok(await this.send('GET', path, o), 200);
  }

  async post(path: string, body: unknown, o?: HttpRequest): Promise<Json> {
    return ok(await this.send('POST', path, { ...o, body }), 201);
  }

  async put(path: string, body: unknown, o?: HttpRequest): Promise<Json> {
    return ok(await this.send('PUT', path, { ...o, body }), 200);
  }

  watch(path: string, o?: HttpRequest): Promise<Watching> {
    return this.http.watch(path, o);
  }

  patch(
    path: string,
    type: 'json-patch+json' | 'merge-patch+json' | 'strategic-merge-patch+json' | 'apply-patch+yaml',
    body: unknown,
  ): Promise<Answer> {
    return this.send('PATCH', path, { body, headers: { 'Content-Type': `application/${type}` } });
  }

  /** Path of a collection in this namespace: `core('configmaps')`. */
  core(plural: string, name = '', query = ''): string {
    return `/api/v1/namespaces/${this.ns}/${plural}${name && `/${name}`}${query && `?${query}`}`;
  }

  apps(plural: string, name = '', query = ''): string {
    return `/apis/apps/v1/namespaces/${this.ns}/${plural}${name && `/${name}`}${query && `?${query}`}`;
  }

  configMap(name: string, data: Readonly<Record<string, string>> = { k: 'v' }, metadata: object = {}): Promise<Json> {
    return this.post(this.core('configmaps'), { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data });
  }

  /** Writes a file; objects as JSON, several as a List. */
  file(name: string, ...content: readonly (string | object)[]): string {
    this.#dir ??= mkdtempSync(join(this.running.dir, `${this.tag}-`));
    const path = join(this.#dir, name);
    const [first] = content;
    const text =
      typeof first === 'string'
        ? first
        : JSON.stringify(content.length === 1 ? first : { apiVersion: 'v1', kind: 'List', items: content }, null, 2);
    writeFileSync(path, text);
    return path;
  }
}

class CommandSession extends RawSession {
  readonly #program: string;
  readonly #args: readonly string[];
  readonly env: Record<string, string>;

  constructor(
    running: Running,
    o: { readonly tag: string; readonly program: string; readonly args: readonly string[]; readonly client: string },
  ) {
    super(running, o.tag);
    this.#program = o.program;
    this.#args = [...o.args, '-n', this.ns];
    const home = join(running.dir, o.client);
    this.env = { PATH: process.env['PATH'] ?? '', HOME: home, KUBECONFIG: running.kubeconfig };
  }

  /** The namespace before everything, so that it is never taken for an argument behind `--`. */
  #placed(args: readonly string[]): string[] {
    const first = args[0] === '__complete' ? 1 : 0;
    return [...args.slice(0, first), ...this.#args, ...args.slice(first)];
  }

  protected run(args: readonly string[], o: { input?: string; env?: Record<string, string>; timeoutMs?: number } = {}): Promise<Output> {
    return run(this.#program, this.#placed(args), { ...o, env: { ...this.env, ...o.env } });
  }

  protected background(args: readonly string[]): Background {
    return start(this.#program, this.#placed(args), this.env);
  }

  protected async succeed(args: readonly string[], o: Parameters<CommandSession['run']>[1] = {}): Promise<string> {
    const done = await this.run(args, o);
    expect(done.code === 0, `${args.join(' ')} ended with ${done.code}`, done.err + done.out);
    return done.out;
  }
}

/** `k` is the K of the checklist. */
export class KubectlSession extends CommandSession {
  readonly minor: number;

  constructor(running: Running, o: { readonly tag: string; readonly program: string; readonly minor: number }) {
    super(running, { ...o, args: [], client: `kubectl-1.${o.minor}` });
    this.minor = o.minor;
  }

  /** What it prints on stdout; throws where it fails. */
  k(...t: Template): Promise<string> {
    return this.succeed(words(t[0], t.slice(1)));
  }

  /** The same of arguments in a list. */
  args(args: readonly string[]): Promise<string> {
    return this.succeed(args);
  }

  /** However it ends. */
  tries(...t: Template): Promise<Output> {
    return this.run(words(t[0], t.slice(1)));
  }

  /** A kubeconfig file for a bearer token. */
  tokenConfig(token: string): string {
    const { server, ca } = this.http.access;
    return this.file('token.config', {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
      users: [{ name: 'u', user: { token } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    });
  }

  /** With the object on stdin. */
  given(input: string | object, env: Record<string, string> = {}): (...t: Template) => Promise<Output> {
    return (...t) => this.run(words(t[0], t.slice(1)), { input: typeof input === 'string' ? input : JSON.stringify(input), env });
  }

  /** `kubectl edit` with a program as the editor. */
  edit(editor: string): (...t: Template) => Promise<Output> {
    return this.given('', { KUBE_EDITOR: editor });
  }

  async json(...t: Template): Promise<Json> {
    return JSON.parse(await this.succeed([...words(t[0], t.slice(1)), '-o', 'json'])) as Json;
  }

  starts(...t: Template): Background {
    return this.background(words(t[0], t.slice(1)));
  }
}

export class HelmSession extends CommandSession {
  readonly version: string;

  constructor(running: Running, o: { readonly tag: string; readonly program: string; readonly version: string }) {
    super(running, { ...o, args: [], client: `helm-${o.version}` });
    this.version = o.version;
  }

  h(...t: Template): Promise<string> {
    return this.succeed(words(t[0], t.slice(1)));
  }

  tries(...t: Template): Promise<Output> {
    return this.run(words(t[0], t.slice(1)));
  }
}

/** @kubernetes/client-node, loaded from the same kubeconfig as everybody's. */
export class ClientNodeSession extends RawSession {
  async kubeConfig(): Promise<import('@kubernetes/client-node').KubeConfig> {
    const { KubeConfig } = await import('@kubernetes/client-node');
    const config = new KubeConfig();
    config.loadFromFile(this.running.kubeconfig);
    return config;
  }
}
