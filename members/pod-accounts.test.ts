import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NAMESPACES, PODS, type Pod, SERVICE_ACCOUNTS } from './kinds.ts';
import { made, type SimulatedMember, simulatedMember } from './simulated-member.ts';

let m: SimulatedMember;
beforeEach(async () => {
  m = await simulatedMember();
});
afterEach(() => m.close());

const pod = (namespace: string, spec: Record<string, unknown> = {}): Pod =>
  made({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name: 'p' },
    spec: { containers: [{ name: 'c', image: 'nginx:1' }], ...spec },
  });

describe('the service account of a pod', () => {
  it('is the default one, also in a namespace that has only just been made, and its token is mounted', async () => {
    await m.client.create(NAMESPACES, made({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'new' } }));
    let born: Pod | undefined;
    void m.client.create(PODS, pod('new')).then(p => {
      born = p;
    });
    const now = await m.until('the pod is made', () => Promise.resolve(born));
    expect(now.spec).toMatchObject({ serviceAccountName: 'default', serviceAccount: 'default' });
    const [volume] = now.spec.volumes ?? [];
    expect(volume?.name).toMatch(/^kube-api-access-\w{5}$/);
    expect(now.spec.containers[0]).toMatchObject({
      volumeMounts: [{ name: volume?.name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }],
    });
  });

  it('mounts nothing where the pod or the account says no', async () => {
    const plain = await m.client.create(PODS, pod('default', { automountServiceAccountToken: false }));
    expect(plain.spec.volumes ?? []).toEqual([]);
    await m.client.create(
      SERVICE_ACCOUNTS,
      made({
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { namespace: 'kube-system', name: 'quiet' },
        automountServiceAccountToken: false,
      }),
    );
    const quiet = await m.client.create(PODS, pod('kube-system', { serviceAccountName: 'quiet' }));
    expect(quiet.spec.volumes ?? []).toEqual([]);
  });

  it('must be there', async () => {
    await expect(m.client.create(PODS, pod('default', { serviceAccountName: 'nope' }))).rejects.toThrow(
      'pods "p" is forbidden: error looking up service account default/nope: serviceaccount "nope" not found',
    );
  });
});
