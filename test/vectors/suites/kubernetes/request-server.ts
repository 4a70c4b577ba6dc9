// A server in memory that takes requests over TLS, with the kinds and namespaces the recordings expect.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import {
  apiServer,
  builtinAdmission,
  componentUser,
  ensureNamespaces,
  MemoryStore,
  Pki,
  SigningKey,
  serviceAllocation,
} from '../../../../apiserver/index.ts';
import { type Client, isObject, type Reader, runAll, sleep, systemClock } from '../../../../kube/index.ts';

export interface Answer {
  readonly code: number;
  readonly body: unknown;
  /** Texts of the Warning headers, unquoted. */
  readonly warnings: readonly string[];
}

export interface RequestServer {
  send(o: { method: string; path: string; contentType?: string; body: Buffer }): Promise<Answer>;
  close(): Promise<void>;
}

/** Starts a server with kind Thing and the namespaces given. */
export async function requestServer(
  dir: string,
  namespaces: readonly string[],
  o: { readonly definitionsOnly?: boolean } = {},
): Promise<RequestServer> {
  const home = mkdtempSync(join(tmpdir(), 'flotilla-requests-'));
  const clock = systemClock;
  const pki = await Pki.open(home, clock);
  const server = await apiServer({
    store: new MemoryStore('requests'),
    clock,
    authenticators: [{ name: 'everyone', authenticate: () => ({ username: 'system:admin', groups: ['system:masters'] }) as never }],
    authorizer: { authorize: () => ({ allowed: true, reason: '' }) },
    keys: { serviceAccount: await SigningKey.open(join(home, 'sa.key')), caCert: pki.caCert },
    plugins: () => [
      ...builtinAdmission({ reader: later(() => hub), clock }),
      serviceAllocation({ reader: later(() => hub), clock, cidr: '10.96.0.0/12', nodePortRange: { from: 30_000, to: 32_767 } }),
    ],
  });
  const hub: Client = server.client(componentUser('apiserver'), 'flotilla');
  const stop = new AbortController();
  // The first loop follows custom resource definitions; the others tidy up what recordings without controllers leave lying.
  const running = runAll(o.definitionsOnly ? server.loops.slice(0, 1) : [...server.loops], stop.signal).catch(() => undefined);
  await ensureNamespaces(hub, namespaces);
  const leaf = await pki.leaf('server', { commonName: 'server', hosts: ['127.0.0.1'] });
  const listening = await server.listen({ host: '127.0.0.1', port: 0, tls: { ...leaf, clientCa: pki.caCert } });
  const dispatcher = new Agent({ connect: { ca: pki.caCert } });
  const send: RequestServer['send'] = async o => {
    const answer = await request(`https://127.0.0.1:${listening.port}${o.path}`, {
      dispatcher,
      method: o.method as 'POST',
      headers: {
        accept: 'application/json',
        'user-agent': 'rec/1',
        ...(o.contentType === undefined ? {} : { 'content-type': o.contentType }),
      },
      body: o.body,
    });
    const text = await answer.body.text();
    const warning = answer.headers['warning'];
    return { code: answer.statusCode, body: parsed(text), warnings: [warning ?? []].flat().flatMap(unquoted) };
  };
  await serveThings(send, dir);
  return {
    send,
    async close() {
      await dispatcher.close();
      await listening.close();
      stop.abort();
      await running;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

const later = (client: () => Client): Reader => ({ get: (r, key, g) => client().get(r, key, g), list: (r, l) => client().list(r, l) });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Bytes beyond ASCII are one character each, as the recordings have them. */
function unquoted(header: string): string[] {
  return [...header.matchAll(/299 - ("(?:[^"\\]|\\.)*")/g)].map(([, quoted = '""']) => JSON.parse(quoted) as string);
}

async function serveThings(send: RequestServer['send'], dir: string): Promise<void> {
  const { thingsCRD } = JSON.parse(readFileSync(join(dir, 'fixtures.json'), 'utf8')) as { thingsCRD: unknown };
  const body = Buffer.from(JSON.stringify(thingsCRD));
  const made = await send({
    method: 'POST',
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    contentType: 'application/json',
    body,
  });
  if (made.code !== 201) throw new Error(`kind Thing was refused: ${JSON.stringify(made.body)}`);
  for (let i = 0; i < 100; i++) {
    const found = await send({ method: 'GET', path: '/apis/ssa.example.com/v1', body: Buffer.alloc(0) });
    if (found.code === 200 && isObject(found.body)) return;
    await sleep(systemClock, 50);
  }
  throw new Error('kind Thing is not served');
}
