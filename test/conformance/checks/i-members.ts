// What a server with a member is asked: 120 as karmadactl sends it, 124 as browsers do, 146 through the proxy.
import { WebSocket } from 'ws';
import { systemClock } from '../../../kube/index.ts';
import { raw } from '../check.ts';
import { equal, eventually, expect, matches } from '../expect.ts';
import { type Json, ok, status } from '../http.ts';
import { joinedMember, type Member } from '../member.ts';
import type { RawSession } from '../session.ts';

const CLUSTERS = '/apis/cluster.karmada.io/v1alpha1/clusters';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';
const KARMADACTL = { 'User-Agent': 'karmadactl/v1.14.0 (linux/amd64) kubernetes/abc' };

/** What comes over a WebSocket until it is closed or `enough`. */
function overWebSocket(t: RawSession, path: string, protocols: string[], enough: (seen: Buffer[]) => boolean): Promise<Buffer[]> {
  const { server, ca, cert, key } = t.http.access;
  const socket = new WebSocket(`${server.replace(/^https/, 'wss')}${path}`, protocols, { ca, cert, key });
  return new Promise((resolve, reject) => {
    const seen: Buffer[] = [];
    const limit = systemClock.after(20_000, () => socket.close());
    socket.on('message', message => {
      seen.push(Buffer.isBuffer(message) ? message : Buffer.from(message as ArrayBuffer));
      if (enough(seen)) socket.close();
    });
    socket.on('unexpected-response', (_request, answer) => reject(new Error(`the answer to the upgrade was ${answer.statusCode}`)));
    socket.on('error', reject);
    socket.on('close', () => {
      limit.cancel();
      resolve(seen);
    });
  });
}

async function withMember(t: RawSession, run: (member: Member, proxy: string, name: string) => Promise<void>): Promise<void> {
  const name = `m-${t.tag}`.slice(0, 40);
  const member = await joinedMember(t.running, name);
  try {
    await run(member, `${CLUSTERS}/${name}/proxy`, name);
  } finally {
    await member.close();
  }
}

async function runningPod(member: Member): Promise<void> {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { containers: [{ name: 'c', image: 'nginx:1' }] } };
  ok(await member.http.send('POST', '/api/v1/namespaces/default/pods', { body: pod }), 201);
  await eventually('the pod runs', async () => {
    const { status: seen } = ok(await member.http.send('GET', '/api/v1/namespaces/default/pods/web'));
    return seen?.containerStatuses?.[0]?.ready === true;
  });
}

/** `karmadactl token create` and what `karmadactl register` reads with it. */
async function bootstrapToken(t: RawSession): Promise<void> {
  const data = {
    'token-id': 'abc123',
    'token-secret': '0123456789abcdef',
    'usage-bootstrap-authentication': 'true',
    'usage-bootstrap-signing': 'true',
    'auth-extra-groups': 'system:bootstrappers:karmada:default-cluster-token',
  };
  const secret = { metadata: { name: 'bootstrap-token-abc123' }, type: 'bootstrap.kubernetes.io/token', stringData: data };
  await t.post('/api/v1/namespaces/kube-system/secrets', secret, { headers: KARMADACTL });
  const path = '/api/v1/namespaces/kube-system/secrets?fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken';
  const tokens = await t.get(path, { headers: KARMADACTL });
  expect(
    tokens.items.some((s: Json) => s.metadata.name === 'bootstrap-token-abc123'),
    'the token is not listed',
  );
  await t.send('DELETE', '/api/v1/namespaces/kube-system/secrets/bootstrap-token-abc123', { headers: KARMADACTL });
}

export const memberChecks = [
  raw('G120', 'karmadactl: cordon and taint, tokens, members as Tables, logs and a command in a pod', t =>
    withMember(t, async (member, proxy, name) => {
      const path = `${CLUSTERS}/${name}`;
      const taint = { key: 'cluster.karmada.io/unschedulable', effect: 'NoSchedule' };
      const cordon = JSON.stringify({ spec: { taints: [taint] } });
      const cordoned = ok(await t.patch(path, 'merge-patch+json', cordon), 200);
      expect(
        cordoned.spec.taints.some((s: Json) => s.key === taint.key && s.effect === taint.effect),
        'it is not cordoned',
        cordoned.spec,
      );
      ok(await t.patch(path, 'merge-patch+json', JSON.stringify({ spec: { taints: null } })), 200);
      await bootstrapToken(t);
      const nodes = await t.get(`${proxy}/api/v1/nodes?limit=500`, { headers: { ...KARMADACTL, Accept: TABLE } });
      equal([nodes.kind, nodes.rows[0].cells[0]], ['Table', `${name}-control-plane`], 'its nodes');
      await runningPod(member);
      const log = await t.send('GET', `${proxy}/api/v1/namespaces/default/pods/web/log?container=c`, { headers: KARMADACTL });
      matches(log.text, /default\/web c: started nginx:1/, 'the log');
      const at = `${proxy}/api/v1/namespaces/default/pods/web/exec?container=c&stdout=true&command=ls`;
      const said = await overWebSocket(t, at, ['v5.channel.k8s.io'], () => false);
      matches(Buffer.concat(said.filter(m => m[0] === 1).map(m => m.subarray(1))).toString(), /default\/web c: ls/, 'what it printed');
    }),
  ),
  raw('G124', 'browsers: a watch over a WebSocket, rules in a namespace', async t => {
    await t.configMap('first');
    const path = t.core('configmaps', '', 'watch=true&resourceVersion=0');
    const events = overWebSocket(t, path, ['base64.binary.k8s.io'], seen => seen.some(m => m.toString().includes('"second"')));
    await t.configMap('second');
    const story = (await events).map(m => JSON.parse(m.toString()) as Json).map(e => `${e.type} ${e.object.metadata.name}`);
    expect(story.includes('ADDED second'), 'the watch did not see it', story);
    const rules = await t.post('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', { spec: { namespace: t.ns } });
    equal(rules.status.incomplete, false, 'incomplete');
    expect(
      rules.status.resourceRules.some((r: Json) => r.verbs.includes('*') && r.resources.includes('*')),
      'the administrator may not do everything',
      rules.status,
    );
  }),
  raw('I146', 'the proxy of a cluster: the same answers, a watch that streams, a command in a pod', t =>
    withMember(t, async (member, proxy, name) => {
      const namespaces = '/api/v1/namespaces';
      const direct = ok(await member.http.send('GET', `${namespaces}/default`));
      const through = await t.get(`${proxy}${namespaces}/default`);
      equal(through.metadata.uid, direct.metadata.uid, 'its namespace');
      const listed = await t.get(`${proxy}${namespaces}`);
      expect(
        listed.items.some((i: Json) => i.metadata.uid === direct.metadata.uid),
        'the namespace is not in the list',
        listed.items.length,
      );
      const watching = await t.watch(`${proxy}/api/v1/namespaces/default/configmaps?watch=true`);
      ok(await member.http.send('POST', '/api/v1/namespaces/default/configmaps', { body: { metadata: { name: 'seen' } } }), 201);
      await watching.until('the event', f => f.type === 'ADDED' && f.object.metadata.name === 'seen');
      watching.close();
      status(await t.send('GET', `${CLUSTERS}/no-${name}/proxy${namespaces}`), 404);
      await runningPod(member);
      const at = `${proxy}/api/v1/namespaces/default/pods/web/exec?container=c&stdout=true&command=sh&command=-c&command=exit%203`;
      const said = await overWebSocket(t, at, ['v4.channel.k8s.io'], () => false);
      matches(said.find(m => m[0] === 3)?.toString() ?? '', /NonZeroExitCode/, 'how it ended');
    }),
  ),
];
