// A client from a kubeconfig file: read with the official package, so that every form of credentials works, exec plugins included.
import { readFileSync } from 'node:fs';
import { type HttpClient, httpClient } from '../kube/index.ts';

export interface KubeconfigTarget {
  /** A file, or undefined for $KUBECONFIG and the default place. */
  readonly file?: string | undefined;
  readonly context?: string | undefined;
}

export interface ReadKubeconfig {
  readonly server: string;
  readonly context: string;
  readonly client: HttpClient;
}

const QPS = 200;
const BURST = 400;

/** Throws an Error for a person where the file or the context is not there. */
export async function clientFrom(target: KubeconfigTarget, userAgent: string): Promise<ReadKubeconfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  if (target.file) config.loadFromFile(target.file);
  else config.loadFromDefault();
  if (target.context) {
    if (!config.getContextObject(target.context)) {
      throw new Error(
        `there is no context ${target.context} in ${target.file ?? 'the kubeconfig'}: it has ${
          config
            .getContexts()
            .map(c => c.name)
            .join(', ') || 'none'
        }`,
      );
    }
    config.setCurrentContext(target.context);
  }
  const cluster = config.getCurrentCluster();
  const user = config.getCurrentUser();
  if (!cluster) throw new Error(`${target.file ?? 'the kubeconfig'} names no current context: give one with --context`);
  const text = (data: string | undefined, file: string | undefined): string | undefined =>
    data ? Buffer.from(data, 'base64').toString() : file ? readFileSync(file, 'utf8') : undefined;
  const ca = text(cluster.caData, cluster.caFile);
  const cert = text(user?.certData, user?.certFile);
  const key = text(user?.keyData, user?.keyFile);
  const dynamic = user && (user.exec || user.authProvider) ? (): Promise<string> => execToken(config) : undefined;
  const client = httpClient({
    connection: {
      server: cluster.server.replace(/\/$/, ''),
      ...(ca ? { ca } : {}),
      ...(cert && key ? { cert, key } : {}),
      ...(cluster.skipTLSVerify ? { insecureSkipTlsVerify: true } : {}),
      ...(cluster.tlsServerName ? { serverName: cluster.tlsServerName } : {}),
      ...(cluster.proxyUrl ? { proxy: cluster.proxyUrl } : {}),
      ...(dynamic ? { token: dynamic } : user?.token ? { token: () => user.token ?? '' } : {}),
    },
    userAgent,
    qps: QPS,
    burst: BURST,
  });
  return { server: cluster.server, context: config.getCurrentContext(), client };
}

async function execToken(config: { applyToHTTPSOptions(o: object): Promise<void> }): Promise<string> {
  const options: { headers?: Record<string, string> } = {};
  await config.applyToHTTPSOptions(options);
  return (options.headers?.['Authorization'] ?? '').replace(/^Bearer /, '');
}
