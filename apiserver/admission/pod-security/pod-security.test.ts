import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AnyObject, type Client, resource } from '../../../kube/index.ts';
import { type MemoryServer, memoryServer, refusal } from '../../memory-server.ts';
import type { PodUnderCheck } from './check.ts';
import { detailsOf, type Level, policyOf, violations } from './policy.ts';

const broken = (spec: object, level: Level, o: { minor?: number; annotations?: Record<string, string> } = {}): string => {
  const pod = { annotations: o.annotations ?? {}, spec } as PodUnderCheck;
  return detailsOf(violations(pod, { level, version: o.minor ?? 'latest' }));
};
const c = (securityContext: object, more: object = {}, name = 'a') => ({ name, image: 'i', securityContext, ...more });
const pod = (securityContext: object, more: object = {}) => ({ containers: [c(securityContext, more)] });

/** What restricted asks for and no more. */
const GOOD = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [c({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } })],
};

describe('baseline', () => {
  const cases: [string, object, string][] = [
    ['privileged', pod({ privileged: true }), 'privileged (container "a" must not set securityContext.privileged=true)'],
    ['host namespaces', { hostPID: true, hostNetwork: true, containers: [] }, 'host namespaces (hostNetwork, hostPID)'],
    ['host paths', { volumes: [{ name: 'v', hostPath: { path: '/' } }] }, 'hostPath volumes (volume "v")'],
    [
      'host ports',
      { containers: [c({}, { ports: [{ hostPort: 80 }, { hostPort: 443 }] }), c({}, { ports: [{ hostPort: 80 }] }, 'b')] },
      'hostPort (containers "a", "b" use hostPorts 443, 80)',
    ],
    [
      'added capabilities',
      pod({ capabilities: { add: ['NET_RAW', 'CHOWN', 'BPF'] } }),
      'non-default capabilities (container "a" must not include "BPF", "NET_RAW" in securityContext.capabilities.add)',
    ],
    [
      'seccomp',
      { securityContext: { seccompProfile: { type: 'Unconfined' } }, ...pod({ seccompProfile: { type: 'Unconfined' } }) },
      'seccompProfile (pod and container "a" must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      'SELinux',
      pod({ seLinuxOptions: { type: 'x_t', user: 'u' } }),
      'seLinuxOptions (container "a" set forbidden securityContext.seLinuxOptions: type "x_t"; user may not be set)',
    ],
    [
      'sysctls',
      { securityContext: { sysctls: [{ name: 'kernel.x' }, { name: 'net.ipv4.tcp_rmem' }] }, containers: [] },
      'forbidden sysctls (kernel.x)',
    ],
    ['proc mounts', pod({ procMount: 'Unmasked' }), 'procMount (container "a" must not set securityContext.procMount to "Unmasked")'],
    [
      'AppArmor',
      pod({ appArmorProfile: { type: 'Unconfined' } }),
      'forbidden AppArmor profile (container "a" must not set AppArmor profile type to "Unconfined")',
    ],
    [
      'host processes of Windows',
      { securityContext: { windowsOptions: { hostProcess: true } }, containers: [] },
      'hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)',
    ],
    [
      'hosts of probes',
      pod({}, { livenessProbe: { httpGet: { host: '10.0.0.1' } }, lifecycle: { preStop: { tcpSocket: { host: 'h' } } } }),
      'probe or lifecycle host (container "a" uses probe or lifecycle hosts "10.0.0.1", "h")',
    ],
  ];
  test.each(cases)('refuses %s', (_, spec, text) => expect(broken(spec, 'baseline')).toBe(text));

  test('takes an ordinary pod, and anything under privileged', () => {
    expect(broken(pod({}), 'baseline')).toBe('');
    expect(broken(pod({ privileged: true }), 'privileged')).toBe('');
  });

  test('tells an AppArmor profile in an annotation with its value', () => {
    const annotations = { 'container.apparmor.security.beta.kubernetes.io/a': 'unconfined' };
    expect(broken(pod({}), 'baseline', { annotations })).toBe(
      'forbidden AppArmor profile (annotation must not set AppArmor profile type to "container.apparmor.security.beta.kubernetes.io/a="unconfined"")',
    );
  });
});

describe('restricted', () => {
  test('tells everything that an ordinary pod leaves open, baseline first', () => {
    expect(broken({ hostIPC: true, ...pod({}) }, 'restricted')).toBe(
      [
        'host namespaces (hostIPC)',
        'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false)',
        'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"])',
        'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true)',
        'seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
      ].join(', '),
    );
  });

  test('takes a pod that sets all of it', () => expect(broken(GOOD, 'restricted')).toBe(''));

  test('tells a volume once, by its kind', () => {
    const volumes = [
      { name: 'h', hostPath: {} },
      { name: 'n', nfs: {} },
      { name: 'e', emptyDir: {} },
    ];
    expect(broken({ ...GOOD, volumes }, 'restricted')).toBe(
      'restricted volume types (volumes "h", "n" use restricted volume types "hostPath", "nfs")',
    );
  });

  test('refuses root, unless the pod has users of its own since 1.35', () => {
    const root = { ...GOOD, securityContext: { ...GOOD.securityContext, runAsUser: 0 } };
    expect(broken(root, 'restricted')).toBe('runAsUser=0 (pod must not set runAsUser=0)');
    expect(broken({ ...root, hostUsers: false }, 'restricted')).toBe('');
    expect(broken({ ...root, hostUsers: false }, 'restricted', { minor: 34 })).not.toBe('');
  });

  test('asks no Linux of Windows since 1.25', () => {
    const windows = { os: { name: 'windows' }, securityContext: { runAsNonRoot: true }, containers: [c({})] };
    expect(broken(windows, 'restricted')).toBe('');
    expect(broken(windows, 'restricted', { minor: 24 })).toContain('allowPrivilegeEscalation != false');
  });
});

test('an older version has the checks of its time', () => {
  const probe = pod({}, { livenessProbe: { httpGet: { host: 'h' } } });
  expect(broken(probe, 'baseline', { minor: 33 })).toBe('');
  expect(broken({ securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem' }] }, containers: [] }, 'baseline', { minor: 31 })).not.toBe('');
  const annotations = { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' };
  expect(broken(pod({}), 'baseline', { minor: 18, annotations })).toBe(
    'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
  );
  expect(broken(pod({}), 'baseline', { minor: 19, annotations })).toBe('');
});

test('a level nobody knows is restricted where it is enforced and nothing where it is told', () => {
  const policy = policyOf({
    'pod-security.kubernetes.io/enforce': 'x',
    'pod-security.kubernetes.io/warn': 'y',
    'pod-security.kubernetes.io/audit-version': '1',
  });
  expect(policy.enforce.level).toBe('restricted');
  expect(policy.warn.level).toBe('privileged');
  expect(policy.faults.map(f => f.text)).toEqual([
    'metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "x": must be one of privileged, baseline, restricted',
    'metadata.labels[pod-security.kubernetes.io/audit-version]: Invalid value: "1": must be "latest" or "v1.x"',
    'metadata.labels[pod-security.kubernetes.io/warn]: Invalid value: "y": must be one of privileged, baseline, restricted',
  ]);
});

describe('in a server', () => {
  const namespaced = (kind: string, plural: string, group = '') => resource({ group, version: 'v1', kind, plural, scope: 'Namespaced' });
  const PODS = namespaced('Pod', 'pods');
  const DEPLOYMENTS = namespaced('Deployment', 'deployments', 'apps');
  const NAMESPACES = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });
  let plane: MemoryServer;
  let client: Client;
  beforeAll(async () => {
    plane = await memoryServer();
    client = plane.client;
  });
  afterAll(() => plane.close());

  const namespace = (name: string, labels: Record<string, string>): AnyObject => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: Object.fromEntries(Object.entries(labels).map(([k, v]) => [`pod-security.kubernetes.io/${k}`, v])) },
  });
  const podIn = (ns: string, name: string, spec: object): AnyObject =>
    ({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: ns, name }, spec }) as unknown as AnyObject;

  test('what is enforced refuses the pod, and lets the Deployment that would make it pass', async () => {
    await client.create(NAMESPACES, namespace('strict', { enforce: 'baseline', 'enforce-version': 'v1.30' }));
    const bad = pod({ privileged: true });
    expect(await refusal(client.create(PODS, podIn('strict', 'p', bad)))).toBe(
      'pods "p" is forbidden: violates PodSecurity "baseline:v1.30": privileged (container "a" must not set securityContext.privileged=true)',
    );
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace: 'strict', name: 'd' },
      spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: bad } },
    };
    expect(await refusal(client.create(DEPLOYMENTS, deployment as unknown as AnyObject))).toBeUndefined();
  });

  test('a namespace with labels that mean nothing is refused', async () => {
    expect(await refusal(client.create(NAMESPACES, namespace('wrong', { enforce: 'strict' })))).toBe(
      'Namespace "wrong" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted',
    );
  });

  test('warnings reach the client: of templates, and of pods that a stricter label finds', async () => {
    const { request, Agent } = await import('undici');
    const listening = await plane.listen();
    const admin = await plane.certificate('admin', 'system:masters');
    const dispatcher = new Agent({ connect: { ca: plane.pki.caCert, ...admin } });
    const send = async (method: 'POST' | 'PATCH', path: string, body: unknown): Promise<string[]> => {
      const type = method === 'POST' ? 'application/json' : 'application/merge-patch+json';
      const url = `https://127.0.0.1:${listening.port}${path}`;
      const answer = await request(url, { method, dispatcher, headers: { 'content-type': type }, body: JSON.stringify(body) });
      await answer.body.dump();
      return [answer.headers['warning'] ?? []].flat();
    };
    await client.create(NAMESPACES, namespace('told', { warn: 'baseline' }));
    await client.create(PODS, podIn('told', 'x', pod({ privileged: true })));
    await client.create(PODS, podIn('told', 'y', pod({ privileged: true })));
    const template = { metadata: { labels: { a: 'b' } }, spec: { hostPID: true, ...pod({}) } };
    const rs = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'r' },
      spec: { selector: { matchLabels: { a: 'b' } }, template },
    };
    expect(await send('POST', '/apis/apps/v1/namespaces/told/replicasets', rs)).toEqual([
      '299 - "would violate PodSecurity \\"baseline:latest\\": host namespaces (hostPID)"',
    ]);
    const labels = { 'pod-security.kubernetes.io/enforce': 'baseline' };
    expect(await send('PATCH', '/api/v1/namespaces/told', { metadata: { labels } })).toEqual([
      '299 - "existing pods in namespace \\"told\\" violate the new PodSecurity enforce level \\"baseline:latest\\""',
      '299 - "x (and 1 other pod): privileged"',
    ]);
    await dispatcher.close();
  });
});
