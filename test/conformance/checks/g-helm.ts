// Group G: helm, 118 and 119. No kubelet runs here, so the check says itself that pods and Deployments are fine.
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sleep, systemClock } from '../../../kube/index.ts';
import { helm } from '../check.ts';
import { equal, expect, matches, refused } from '../expect.ts';
import type { Json } from '../http.ts';
import type { HelmSession, RawSession } from '../session.ts';

const TEMPLATES: Readonly<Record<string, string>> = {
  'Chart.yaml': 'apiVersion: v2\nname: demo\nversion: 0.1.0\nkubeVersion: ">=1.25.0"\n',
  'values.yaml': 'replicas: 1\n',
  'templates/cm.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}-cm"}
data:
  replicas: "{{ .Values.replicas }}"
  namespace: "{{ with lookup "v1" "Namespace" "" .Release.Namespace }}{{ .metadata.name }}{{ end }}"
  karmada: "{{ .Capabilities.APIVersions.Has "policy.karmada.io/v1alpha1" }}"
  kube: "{{ .Capabilities.KubeVersion.Version }}"
`,
  'templates/deploy.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: "{{ .Release.Name }}"}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: demo}}
  template: {metadata: {labels: {app: demo}}, spec: {containers: [{name: main, image: x}]}}
`,
  'templates/hook.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: "{{ .Release.Name }}-hook"
  annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-delete-policy: "before-hook-creation,hook-succeeded"}
`,
  'templates/tests/test.yaml': `apiVersion: v1
kind: Pod
metadata: {name: "{{ .Release.Name }}-test", annotations: {helm.sh/hook: test}}
spec: {restartPolicy: Never, containers: [{name: main, image: x}]}
`,
};

/** Writes the chart; more files by their names. */
function chart(t: HelmSession, more: Readonly<Record<string, string>> = {}): string {
  const dir = join(dirname(t.file('here', '')), `demo-${Object.keys(more).length}`);
  for (const [name, content] of Object.entries({ ...TEMPLATES, ...more })) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), content);
  }
  return dir;
}

/** Says of every Deployment that it is rolled out, and of every pod that it has succeeded, until it is stopped. */
function pretend(t: RawSession): { stop(): Promise<void> } {
  let on = true;
  const pass = async (): Promise<void> => {
    for (const d of (await t.get(t.apps('deployments'))).items as Json[]) await rollOut(t, d);
    for (const p of (await t.get(t.core('pods'))).items as Json[]) {
      if (p.status.phase !== 'Succeeded')
        await t.patch(t.core('pods', `${p.metadata.name}/status`), 'merge-patch+json', '{"status":{"phase":"Succeeded"}}');
    }
  };
  const running = (async () => {
    while (on) {
      await pass();
      await sleep(systemClock, 200);
    }
  })();
  return {
    stop() {
      on = false;
      return running;
    },
  };
}

/** Helm 3 also wants to see the ReplicaSet of the present template. */
async function rollOut(t: RawSession, d: Json): Promise<void> {
  const n = d.spec.replicas;
  const { generation: observedGeneration, name, uid } = d.metadata;
  if (d.status.observedGeneration === observedGeneration && d.status.availableReplicas === n) return;
  const template = { ...d.spec.template, metadata: { labels: { ...d.spec.template.metadata.labels, 'pod-template-hash': 'one' } } };
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true };
  const selector = { matchLabels: template.metadata.labels };
  const metadata = { name: `${name}-one`, labels: template.metadata.labels, ownerReferences: [owner] };
  await t.send('POST', t.apps('replicasets'), { body: { metadata, spec: { replicas: n, selector, template } } });
  const counts = { observedGeneration, replicas: n, readyReplicas: n, availableReplicas: n };
  const own = { status: { ...counts, observedGeneration: 1 } };
  await t.patch(t.apps('replicasets', `${name}-one/status`), 'merge-patch+json', JSON.stringify(own));
  const conditions = [
    { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' },
    { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
  ];
  const status = { ...counts, updatedReplicas: n, conditions };
  await t.patch(t.apps('deployments', `${name}/status`), 'merge-patch+json', JSON.stringify({ status }));
}

export const helmChecks = [
  helm('G118', 'install, upgrade, rollback, test, uninstall', async t => {
    const dir = chart(t);
    const kubelet = pretend(t);
    try {
      matches(await t.h`install r ${dir} --wait --timeout 30s`, /STATUS: deployed/);
      const map = await t.get(t.core('configmaps', 'r-cm'));
      equal([map.data.namespace, map.data.karmada], [t.ns, 'true'], 'lookup and capabilities');
      matches(map.data.kube, /^v1\.36/, 'the version');
      equal((await t.send('GET', t.core('configmaps', 'r-hook'))).status, 404, 'the hook');
      await t.h`upgrade r ${dir} --set replicas=2 --wait --timeout 30s`;
      equal((await t.get(t.apps('deployments', 'r'))).spec.replicas, 2, 'replicas after upgrade');
      matches(await t.h`upgrade --install r ${dir} --set replicas=3`, /REVISION: 3/);
      matches(await t.h`history r`, /1 .*superseded[\s\S]*3 .*deployed/);
      await t.h`rollback r 1`;
      equal((await t.get(t.apps('deployments', 'r'))).spec.replicas, 1, 'replicas after rollback');
      matches(await t.h`get manifest r`, /kind: Deployment/);
      matches(await t.h`get values r --revision 2`, /replicas: 2/);
      matches(await t.h`test r --timeout 30s`, /Phase: +Succeeded/);
      matches(await t.h`list`, /^r\s/m);
      await t.h`uninstall r`;
      equal((await t.get(t.apps('deployments'))).items.length, 0, 'Deployments in the end');
    } finally {
      await kubelet.stop();
    }
  }),
  helm('G118', 'dry run, definitions, and large releases', async t => {
    const crd = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `things.${t.tag}.example.com` },
    };
    const spec = {
      group: `${t.tag}.example.com`,
      scope: 'Namespaced',
      names: { plural: 'things', singular: 'thing', kind: 'Thing' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    };
    const thing = `apiVersion: ${t.tag}.example.com/v1\nkind: Thing\nmetadata: {name: one}\n`;
    const files = { 'crds/crd.yaml': JSON.stringify({ ...crd, spec }), 'templates/thing.yaml': thing };
    const dry = t.version.startsWith('3.8') ? '--dry-run' : '--dry-run=server';
    matches(await t.h`install r ${chart(t)} ${dry}`, /kind: Deployment/);
    equal((await t.get(t.apps('deployments'))).items.length, 0, 'Deployments after a dry run');
    await t.h`install r ${chart(t, { ...files, 'files/large': randomBytes(450_000).toString('base64') })}`;
    await t.get(`/apis/${t.tag}.example.com/v1/namespaces/${t.ns}/things/one`);
    const secret = await t.get(t.core('secrets', 'sh.helm.release.v1.r.v1'));
    expect(secret.data.release.length > 800_000, 'the release is not large', secret.data.release.length);
    refused(
      await t.tries`install too-large ${chart(t, { 'files/large': randomBytes(900_000).toString('base64') })}`,
      /must have at most 1048576 (bytes|characters)|Too long|too large/i,
    );
  }),
  helm('G119', 'a chart for a newer Kubernetes is refused', async t => {
    refused(
      await t.tries`install r ${chart(t, { 'Chart.yaml': 'apiVersion: v2\nname: demo\nversion: 0.1.0\nkubeVersion: ">=1.99.0"\n' })}`,
      /incompatible with Kubernetes v1\.36/,
    );
  }),
];
