// What pods of a member answer by themselves: log, exec, attach, portforward.
import type { Connection, Core, Served, Subresource } from '../../apiserver/index.ts';
import { badRequest, type Clock, StatusError, timeMillis } from '../../kube/index.ts';
import type { Node, Pod } from '../kinds.ts';
import { isUp } from '../stages/nodes.ts';
import type { Channels } from './channels.ts';
import { type LogOptions, logText } from './logs.ts';
import { forwardPorts } from './port-forward.ts';
import { attach, runCommand } from './session.ts';
import { isSpdy, PORT_FORWARD, spdyChannels, spdyWire } from './spdy/channels.ts';
import { mustRun, type Target, targetOf, upgradeFailed } from './target.ts';
import { isWebSocket, webSocketChannels, webSocketTunnel } from './websocket.ts';

/** The pods of a server with these subresources; for `apiServer({ kinds })`. */
export function podStreams(core: Core): Served {
  const pods = core.catalog.find('', 'v1', 'pods');
  if (!pods) throw new Error('pods are not served');
  const answering: Record<string, NonNullable<Subresource['connect']>> = {
    log: c => log(core, c),
    exec: c => exec(core, c, (t, channels, io) => runCommand(t, c.query.getAll('command'), { ...channels, ...io })),
    attach: c =>
      exec(core, c, (t, channels, io) => {
        const written = logText(t, { previous: false, timestamps: false });
        const gone = new AbortController();
        void channels.gone.then(() => gone.abort());
        return attach(t, written, { io: { ...channels, ...io }, ended: stopped(core, t.pod, gone.signal) });
      }),
    portforward: c => portForward(core, c),
  };
  const subresources = new Map(pods.subresources);
  for (const [name, connect] of Object.entries(answering)) {
    const known = subresources.get(name);
    if (known) subresources.set(name, { ...known, type: 'connect', connect });
  }
  return { ...pods, subresources };
}

const flag = (c: Connection, name: string): boolean => ['1', 'true'].includes(c.query.get(name) ?? '');

/** Throws where the node of the pod does not answer. */
function mustReach(core: Core, pod: Pod): void {
  const name = pod.spec.nodeName ?? '';
  const node = core.catalog.find('', 'v1', 'nodes')?.collection.get('', name)?.object as Node | undefined;
  if (name === '' || (node && isUp(node))) return;
  const address = `${pod.status?.hostIP ?? name}:10250`;
  throw new StatusError({
    code: 500,
    reason: 'InternalError',
    message: `error dialing backend: dial tcp ${address}: connect: connection refused`,
  });
}

/** Resolves when the pod has ended or gone, or when nobody wants to know any more. */
function stopped(core: Core, pod: Pod, signal: AbortSignal): Promise<void> {
  const { namespace = '', uid } = pod.metadata;
  return new Promise(resolve => {
    const stop = core.catalog.find('', 'v1', 'pods')?.collection.subscribe(namespace, event => {
      if (event.entry.object.metadata.uid !== uid) return;
      const { phase } = (event.entry.object as unknown as Pod).status ?? {};
      if (event.type === 'DELETED' || phase === 'Succeeded' || phase === 'Failed') done();
    });
    const done = (): void => {
      stop?.();
      resolve();
    };
    if (signal.aborted) done();
    else signal.addEventListener('abort', done, { once: true });
  });
}

type Input = { readonly hasStdin: boolean };

async function exec(core: Core, c: Connection, run: (t: Target, channels: Channels, io: Input) => Promise<number>): Promise<void> {
  const pod = c.parent as unknown as Pod;
  const target = targetOf(pod, c.query.get('container') ?? '');
  mustReach(core, pod);
  const wanted = { stdin: flag(c, 'stdin'), stdout: flag(c, 'stdout'), stderr: flag(c, 'stderr'), tty: flag(c, 'tty') };
  if (!wanted.stdin && !wanted.stdout && !wanted.stderr) throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
  mustRun(target, 'exec');
  if (!c.upgrade) throw badRequest('Upgrade request required');
  if (!isWebSocket(c) && !isSpdy(c)) throw upgradeFailed(`unknown protocol ${c.request.headers.upgrade}`);
  const channels = isWebSocket(c) ? await webSocketChannels(c) : await spdyChannels(c, wanted, core.plane.clock);
  channels.finish(await run(target, channels, { hasStdin: wanted.stdin }));
}

async function portForward(core: Core, c: Connection): Promise<void> {
  const pod = c.parent as unknown as Pod;
  mustReach(core, pod);
  if (pod.status?.phase !== 'Running')
    throw badRequest(`unable to forward port because pod is not running. Current status=${pod.status?.phase ?? 'Pending'}`);
  if (!c.upgrade) throw badRequest('Upgrade request required');
  await forwardPorts(pod, isWebSocket(c) ? await webSocketTunnel(c) : spdyWire(c, [PORT_FORWARD]));
}

async function log(core: Core, c: Connection): Promise<void> {
  const pod = c.parent as unknown as Pod;
  const target = targetOf(pod, c.query.get('container') ?? '');
  mustReach(core, pod);
  const options = logOptions(c, core.plane.clock);
  const text = logText(target, options);
  const { response } = c;
  response.setHeader('Content-Type', 'text/plain');
  response.writeHead(200);
  response.write(text);
  if (flag(c, 'follow') && target.status?.state?.running) {
    await stopped(core, pod, c.signal);
    const { namespace = '', name = '', uid } = pod.metadata;
    const now = core.catalog.find('', 'v1', 'pods')?.collection.get(namespace, name)?.object as Pod | undefined;
    if (now?.metadata.uid === uid && now) response.write(logText(targetOf(now, target.container.name), options).slice(text.length));
  }
  response.end();
}

function logOptions(c: Connection, clock: Clock): LogOptions {
  const number = (name: string): number | undefined => {
    const text = c.query.get(name);
    if (text === null || text === '') return undefined;
    if (!/^\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
    return Number(text);
  };
  const [tailLines, limitBytes, sinceSeconds] = [number('tailLines'), number('limitBytes'), number('sinceSeconds')];
  const sinceMs = sinceSeconds === undefined ? timeMillis(c.query.get('sinceTime') ?? undefined) : clock.now() - sinceSeconds * 1000;
  return {
    previous: flag(c, 'previous'),
    timestamps: flag(c, 'timestamps'),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
  };
}
