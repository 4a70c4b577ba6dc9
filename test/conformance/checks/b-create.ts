// Group B, making objects: 13 to 18, 40 to 43, 46.
import { kubectl } from '../check.ts';
import { equal, eventually, expect, lacks, matches, refused } from '../expect.ts';
import { status } from '../http.ts';
import { certificateRequest } from './material.ts';

export const createChecks = [
  kubectl('B13', 'create namespace', async t => {
    const name = `made-${t.tag}`;
    matches(await t.k`create namespace ${name}`, /namespace\/.* created/);
    equal((await t.get(`/api/v1/namespaces/${name}`)).metadata.labels['kubernetes.io/metadata.name'], name, 'label');
    const again = refused(await t.tries`create namespace ${name}`, /AlreadyExists/);
    equal(again.code, 1, 'exit status');
  }),
  kubectl('B14', 'create configmap', async t => {
    await t.k`create configmap a --from-literal=k=v`;
    matches(await t.k`get configmap a`, /^NAME +DATA +AGE\na +1 /);
  }),
  kubectl('B15', 'create secret, and stringData', async t => {
    await t.k`create secret generic s --from-literal=p=q`;
    equal((await t.json`get secret s`).type, 'Opaque', 'type');
    const file = t.file('s.yaml', 'apiVersion: v1\nkind: Secret\nmetadata: {name: s2}\nstringData: {a: b}\n');
    await t.k`create -f ${file}`;
    const made = await t.json`get secret s2`;
    equal([made.data, made.stringData], [{ a: 'Yg==' }, undefined], 'data');
  }),
  kubectl('B16', 'create deployment, with defaults', async t => {
    await t.k`create deployment d --image=nginx`;
    const { spec } = await t.json`get deployment d`;
    const { spec: pod } = spec.template;
    const [container] = pod.containers;
    equal(
      [spec.replicas, spec.strategy, spec.revisionHistoryLimit, spec.progressDeadlineSeconds],
      [1, { rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' }, type: 'RollingUpdate' }, 10, 600],
      'spec',
    );
    equal(
      [container.terminationMessagePath, container.terminationMessagePolicy, container.imagePullPolicy],
      ['/dev/termination-log', 'File', 'Always'],
      'container',
    );
    equal(
      [pod.dnsPolicy, pod.schedulerName, pod.restartPolicy, pod.securityContext, pod.terminationGracePeriodSeconds],
      ['ClusterFirst', 'default-scheduler', 'Always', {}, 30],
      'pod',
    );
  }),
  kubectl('B17', 'names are needed, or made', async t => {
    refused(
      await t.tries`create -f ${t.file('none.yaml', { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} })}`,
      /name or generateName is required|resource name may not be empty/,
    );
    matches(
      await t.k`create -f ${t.file('gen.yaml', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'name-' } })}`,
      /configmap\/name-[bcdfghjklmnpqrstvwxz2456789]{5} created/,
    );
    const { details } = status(await t.send('POST', t.core('configmaps'), { body: { metadata: {} } }), 422, 'Invalid');
    equal(details.causes[0].field, 'metadata.name', 'field');
  }),
  kubectl('B18', 'another namespace in the body', async t => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'elsewhere' } };
    refused(await t.tries`create -f ${t.file('a.yaml', body)}`, /does not match the namespace/);
    status(await t.send('POST', t.core('configmaps'), { body }), 400, 'BadRequest');
  }),
  kubectl('B40', 'expose', async t => {
    await t.k`create deployment d --image=nginx`;
    await t.k`expose deployment d --port=80`;
    const { spec } = await t.json`get service d`;
    matches(spec.clusterIP, /^10\./, 'clusterIP');
    equal([spec.selector, spec.ports[0].port, spec.type], [{ app: 'd' }, 80, 'ClusterIP'], 'spec');
    await t.k`label service d a=b`;
    equal((await t.json`get service d`).spec.clusterIP, spec.clusterIP, 'clusterIP later');
  }),
  kubectl('B41', 'run', async t => {
    await t.k`run p --image=x`;
    equal((await t.json`get pod p`).spec.containers[0].image, 'x', 'image');
    if (t.minor >= 23) await t.k`wait --for=${'jsonpath={.metadata.name}=p'} pod/p --timeout=10s`;
  }),
  kubectl('B42', 'create of other kinds, first as a dry run of the server', async t => {
    const { tag } = t;
    const commands: readonly (readonly string[])[] = [
      ['job', 'j', '--image=x'],
      // That of 1.20 asks for versions that no newer server has.
      ...(t.minor > 20
        ? [
            ['cronjob', 'cj', '--image=x', '--schedule=*/5 * * * *'],
            ['poddisruptionbudget', 'pdb', '--selector=app=x', '--min-available=1'],
          ]
        : []),
      ['ingress', 'i', '--rule=a.b/c=s:80'],
      ['role', 'r', '--verb=get', '--resource=pods'],
      ['rolebinding', 'rb', '--role=r', '--user=u'],
      ['clusterrole', `cr-${tag}`, '--verb=get', '--resource=pods'],
      ['clusterrolebinding', `crb-${tag}`, `--clusterrole=cr-${tag}`, '--user=u'],
      ['quota', 'q', '--hard=pods=3'],
      ['priorityclass', `pc-${tag}`, '--value=10'],
      ['serviceaccount', 'sa'],
      ['service', 'clusterip', 'ci', '--tcp=80'],
      ['service', 'nodeport', 'np', '--tcp=80'],
      ['service', 'loadbalancer', 'lb', '--tcp=80'],
      ['service', 'externalname', 'en', '--external-name=a.b'],
    ];
    for (const args of commands) {
      const name = args[0] === 'service' ? args[2] : args[1];
      const resource = args[0] === 'quota' ? 'resourcequota' : args[0];
      matches(await t.args(['create', ...args, '--dry-run=server']), /created \(server dry run\)/, args.join(' '));
      refused(await t.tries`get ${resource} ${name}`, /NotFound/);
      await t.args(['create', ...args]);
      await t.k`get ${resource} ${name}`;
    }
  }),
  kubectl(
    'B43',
    'create token, and who it is',
    async t => {
      await t.k`create serviceaccount robot`;
      const token = (await t.k`create token robot --duration=10m`).trim();
      const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
      equal(claims.sub, `system:serviceaccount:${t.ns}:robot`, 'sub');
      equal(claims.exp - claims.iat, 600, 'life');
      expect(Array.isArray(claims.aud) && claims.aud.length > 0, 'no audience', claims);
      const review = await t.post(
        '/apis/authentication.k8s.io/v1/selfsubjectreviews',
        { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
        { token },
      );
      equal(review.status.userInfo.username, `system:serviceaccount:${t.ns}:robot`, 'who it is');
      if (t.minor >= 28)
        matches(await t.k`--kubeconfig ${t.tokenConfig(token)} auth whoami`, new RegExp(`system:serviceaccount:${t.ns}:robot`));
    },
    24,
  ),
  kubectl('B46', 'certificate signing request, approved and signed', async t => {
    const name = `csr-${t.tag}`;
    const { request } = await certificateRequest('ann', 'team');
    await t.post('/apis/certificates.k8s.io/v1/certificatesigningrequests', {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name },
      spec: { request, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] },
    });
    matches(await t.k`get csr ${name}`, /Pending/);
    matches(await t.k`certificate approve ${name}`, /approved/);
    const issued = await eventually('the certificate is issued', async () => {
      const csr = await t.json`get csr ${name}`;
      return csr.status.certificate as string | undefined;
    });
    matches(Buffer.from(issued, 'base64').toString(), /^-----BEGIN CERTIFICATE-----/);
    lacks(await t.k`get csr ${name}`, /Pending/);
  }),
];
