import { request } from 'node:https';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { MemberAccess } from '../door.ts';
import { PODS, type Pod } from '../kinds.ts';
import { made, type SimulatedMember, simulatedMember } from '../simulated-member.ts';

let m: SimulatedMember;
let access: MemberAccess;
beforeEach(async () => {
  m = await simulatedMember();
  access = await m.member.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(() => m.close());

async function runPod(name: string, containers: readonly Record<string, unknown>[]): Promise<void> {
  await m.client.create(PODS, made({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'default', name }, spec: { containers } }));
  const phase = async (): Promise<Pod['status']> => (await m.client.get(PODS, { namespace: 'default', name })).status;
  await m.until('its containers are reported', async () => (await phase())?.containerStatuses !== undefined);
}

const path = (pod: string, sub: string, query: string): string => `/api/v1/namespaces/default/pods/${pod}/${sub}?${query}`;
const tls = () => ({ ca: access.ca, cert: access.cert, key: access.key });

function get(url: string): Promise<{ code: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${access.server}${url}`, tls(), answer => {
      let body = '';
      answer.on('data', chunk => {
        body += chunk;
      });
      answer.on('end', () => resolve({ code: answer.statusCode ?? 0, body }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

interface Said {
  readonly stdout: string;
  readonly status: unknown;
}

/** Sends the frames, and resolves with what came until the server closed. */
function exec(url: string, frames: readonly Buffer[] = []): Promise<Said> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${access.server.replace('https', 'wss')}${url}`, ['v5.channel.k8s.io'], tls());
    let stdout = '';
    let status: unknown;
    socket.on('open', () => {
      for (const frame of frames) socket.send(frame);
    });
    socket.on('message', (data: Buffer) => {
      const text = data.subarray(1).toString();
      if (data[0] === 1) stdout += text;
      if (data[0] === 3) status = JSON.parse(text);
    });
    socket.on('error', reject);
    socket.on('close', () => resolve({ stdout, status }));
  });
}

const NGINX = { name: 'c', image: 'nginx:1' };

describe('streams of a pod', () => {
  it('give logs that name pod and container', async () => {
    await runPod('web', [NGINX]);
    const { code, body } = await get(path('web', 'log', 'container=c'));
    expect({ code, body }).toEqual({ code: 200, body: 'default/web c: started nginx:1 on m-control-plane\n' });
    expect((await get(path('web', 'log', 'limitBytes=11'))).body).toBe('default/web');
    expect((await get(path('web', 'log', 'tailLines=0'))).body).toBe('');
    expect((await get(path('web', 'log', 'timestamps=true'))).body).toMatch(/^2026-01-01T00:00:\d\d\.000000000Z default\/web c: /);
  });

  it.each([
    ['two', [NGINX, { name: 'd', image: 'x:1' }], '', 'a container name must be specified for pod two, choose one of: [c d]'],
    ['one', [NGINX], 'container=nope', 'container nope is not valid for pod one'],
    ['bad', [{ name: 'c', image: 'fake/x' }], '', 'container "c" in pod "bad" is waiting to start: trying and failing to pull image'],
    ['old', [NGINX], 'previous=true', 'previous terminated container "c" in pod "old" not found'],
  ])('refuse logs of pod %s in the words of Kubernetes', async (name, containers, query, message) => {
    await runPod(name, containers);
    const { code, body } = await get(path(name, 'log', query));
    expect(code).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ reason: 'BadRequest', message });
  });

  it('run a command: the answer names pod, container and command, and ends with its code', async () => {
    await runPod('web', [NGINX]);
    const ok = await exec(path('web', 'exec', 'stdout=true&command=ls&command=-l'));
    expect(ok).toEqual({ stdout: 'default/web c: ls -l\n', status: { metadata: {}, status: 'Success' } });
    const failed = await exec(path('web', 'exec', 'stdout=true&command=sh&command=-c&command=exit%203'));
    expect(failed.status).toMatchObject({ reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: '3' }] } });
  });

  it('give input back until its end is told', async () => {
    await runPod('web', [NGINX]);
    const said = await exec(path('web', 'exec', 'stdin=true&stdout=true&command=cat'), [Buffer.from('\0hello'), Buffer.from([255, 0])]);
    expect(said).toEqual({ stdout: 'hello', status: { metadata: {}, status: 'Success' } });
  });

  it('are refused before the connection changes where nothing runs', async () => {
    await runPod('bad', [{ name: 'c', image: 'fake/x' }]);
    await expect(exec(path('bad', 'exec', 'stdout=true&command=ls'))).rejects.toThrow('500');
    const { code, body } = await get(path('bad', 'exec', 'stdout=true&command=ls'));
    expect(code).toBe(500);
    expect(JSON.parse(body).message).toBe('unable to upgrade connection: container not found ("c")');
  });

  it('measure nodes and pods', async () => {
    await runPod('web', [{ ...NGINX, resources: { requests: { cpu: '500m', memory: '64Mi' } } }]);
    const pods = JSON.parse((await get('/apis/metrics.k8s.io/v1beta1/namespaces/default/pods')).body);
    expect(pods.items).toMatchObject([
      { metadata: { name: 'web' }, window: '15s', containers: [{ name: 'c', usage: { cpu: '50m', memory: '32768Ki' } }] },
    ]);
    const node = JSON.parse((await get('/apis/metrics.k8s.io/v1beta1/nodes/m-control-plane')).body);
    expect(node).toMatchObject({ kind: 'NodeMetrics', usage: { cpu: expect.stringMatching(/^\d+m$/) } });
    expect((await get('/apis/metrics.k8s.io/v1beta1/nodes/nope')).code).toBe(404);
  });
});
