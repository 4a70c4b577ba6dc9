// A client from a kubeconfig. Files with certificates or tokens are read here; for exec plugins and auth providers the official package is loaded.
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { at, type Connection, type HttpClient, httpClient, listOf, objectOf, stringOf } from '../kube/index.ts';

export interface KubeconfigTarget {
  /** A file, or undefined for $KUBECONFIG and the default place. */
  readonly file?: string | undefined;
  readonly context?: string | undefined;
  /** Instead of the server of the file. */
  readonly server?: string | undefined;
  readonly qps?: number;
  readonly burst?: number;
}

export interface ReadKubeconfig {
  readonly server: string;
  readonly context: string;
  readonly connection: Connection;
  readonly client: HttpClient;
}

const QPS = 200;
const BURST = 400;

type Raw = Readonly<Record<string, unknown>>;

/** A named entry and the folder that its relative paths start from. */
interface Entry {
  readonly value: Raw;
  readonly dir: string;
}

/** Throws an Error for a person where the file or the context is not there. */
export async function clientFrom(target: KubeconfigTarget, userAgent: string): Promise<ReadKubeconfig> {
  const { context, connection } = await connectionFrom(target);
  const client = httpClient({ connection, userAgent, qps: target.qps ?? QPS, burst: target.burst ?? BURST });
  return { server: connection.server, context, connection, client };
}

/** The connection that a kubeconfig describes. */
export async function connectionFrom(target: KubeconfigTarget): Promise<{ readonly context: string; readonly connection: Connection }> {
  const files = filesOf(target.file);
  const named = target.file ?? (files.join(' and ') || 'the kubeconfig');
  const parts = files.map(file => ({ content: readConfig(file), dir: dirname(resolve(file)) }));
  if (parts.length === 0) throw new Error('there is no kubeconfig: name one with --kubeconfig, or set KUBECONFIG');
  const find = (kind: 'contexts' | 'clusters' | 'users', name: string): Entry | undefined => {
    for (const { content, dir } of parts) {
      const found = listOf(content[kind])
        .map(objectOf)
        .find(x => x['name'] === name);
      if (found) return { value: objectOf(found[kind.slice(0, -1)]), dir };
    }
    return undefined;
  };
  const context = target.context ?? stringOf(parts.map(p => p.content['current-context']).find(Boolean));
  if (!context) throw new Error(`${named} names no current context: give one with --context`);
  const chosen = find('contexts', context)?.value;
  if (!chosen) throw new Error(`there is no context ${context} in ${named}: it has ${contextNames(parts.map(p => p.content)) || 'none'}`);
  const cluster = find('clusters', stringOf(chosen['cluster']));
  if (!cluster) throw new Error(`context ${context} of ${named} names cluster ${stringOf(chosen['cluster'])}, which is not in it`);
  const user = find('users', stringOf(chosen['user'])) ?? { value: {}, dir: cluster.dir };
  const credentials = user.value['exec'] || user.value['auth-provider'] ? await pluginToken(files, context) : fixedCredentials(user);
  return { context, connection: { ...clusterPart(cluster, target.server), ...credentials } };
}

const contextNames = (contents: readonly Raw[]): string =>
  contents
    .flatMap(c => listOf(c['contexts']).map(x => stringOf(at(x, 'name'))))
    .filter(Boolean)
    .join(', ');

function filesOf(file: string | undefined): readonly string[] {
  if (file) {
    if (!existsSync(file)) throw new Error(`there is no kubeconfig ${file}`);
    return [file];
  }
  const fromEnvironment = (process.env['KUBECONFIG'] ?? '').split(delimiter).filter(Boolean);
  return (fromEnvironment.length > 0 ? fromEnvironment : [join(homedir(), '.kube', 'config')]).filter(existsSync);
}

function readConfig(file: string): Raw {
  try {
    return objectOf(parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Error(`${file} is no kubeconfig: ${(error as Error).message.split('\n')[0]}`, { cause: error });
  }
}

/** Data of a field, or of the file that the other field names; undefined where there is neither. */
function textOf({ value, dir }: Entry, data: string, file: string): string | undefined {
  const encoded = stringOf(value[data]);
  if (encoded) return Buffer.from(encoded, 'base64').toString();
  const path = stringOf(value[file]);
  return path ? readFileSync(resolve(dir, path), 'utf8') : undefined;
}

function clusterPart(cluster: Entry, server: string | undefined): Connection {
  const { value } = cluster;
  const ca = textOf(cluster, 'certificate-authority-data', 'certificate-authority');
  const serverName = stringOf(value['tls-server-name']);
  const proxy = stringOf(value['proxy-url']);
  return {
    server: (server || stringOf(value['server'])).replace(/\/+$/, ''),
    ...(ca ? { ca } : {}),
    ...(value['insecure-skip-tls-verify'] === true ? { insecureSkipTlsVerify: true } : {}),
    ...(serverName ? { serverName } : {}),
    ...(proxy ? { proxy } : {}),
  };
}

function fixedCredentials(user: Entry): Pick<Connection, 'cert' | 'key' | 'token'> {
  const cert = textOf(user, 'client-certificate-data', 'client-certificate');
  const key = textOf(user, 'client-key-data', 'client-key');
  const tokenFile = stringOf(user.value['tokenFile']);
  const token = stringOf(user.value['token']);
  return {
    ...(cert && key ? { cert, key } : {}),
    // A token in a file is rotated by whoever wrote it: it is read each time.
    ...(token ? { token: () => token } : tokenFile ? { token: () => readFileSync(resolve(user.dir, tokenFile), 'utf8').trim() } : {}),
  };
}

/** Tokens that a plugin makes, by the official package, which costs some 80 MiB once it is loaded. */
async function pluginToken(files: readonly string[], context: string): Promise<Pick<Connection, 'cert' | 'key' | 'token'>> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const [first = '', ...others] = files;
  config.loadFromFile(first);
  for (const file of others) {
    const other = new KubeConfig();
    other.loadFromFile(file);
    config.mergeConfig(other, true);
  }
  config.setCurrentContext(context);
  const asked = async (): Promise<PluginOptions> => {
    const options: PluginOptions = {};
    await config.applyToHTTPSOptions(options as Parameters<typeof config.applyToHTTPSOptions>[0]);
    return options;
  };
  const { cert, key } = await asked();
  return {
    ...(cert && key ? { cert: cert.toString(), key: key.toString() } : {}),
    token: async () => ((await asked()).headers?.['Authorization'] ?? '').replace(/^Bearer /, ''),
  };
}

interface PluginOptions {
  headers?: Record<string, string>;
  cert?: string | Buffer;
  key?: string | Buffer;
}
