// Group B, the rest of kubectl: 44, 45, 47 to 52.
import { kubectl } from '../check.ts';
import { equal, expect, lacks, matches, refused } from '../expect.ts';

export const commandChecks = [
  kubectl('B44', 'auth can-i, whoami, reconcile', async t => {
    equal((await t.k`auth can-i create pods`).trim(), 'yes', 'can-i');
    const robot = `system:serviceaccount:${t.ns}:default`;
    equal((await t.tries`auth can-i create pods --as=${robot}`).out.trim(), 'no', 'can-i of a robot');
    matches(await t.k`auth can-i --list`, /\*\.\* +\[\] +\[\] +\[\*\]/);
    matches(await t.k`auth can-i --list --as=${robot}`, /selfsubjectaccessreviews/);
    if (t.minor >= 28) matches(await t.k`auth whoami`, /Username +system:admin/);
    const rbac = [
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'r', namespace: t.ns },
        rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'rb', namespace: t.ns },
        subjects: [{ kind: 'User', name: 'u', apiGroup: 'rbac.authorization.k8s.io' }],
        roleRef: { kind: 'Role', name: 'r', apiGroup: 'rbac.authorization.k8s.io' },
      },
    ];
    matches(await t.k`auth reconcile -f ${t.file('rbac.json', ...rbac)}`, /reconciled/);
    matches(await t.k`auth reconcile -f ${t.file('rbac.json', ...rbac)}`, /reconciled/);
    equal((await t.tries`auth can-i get pods --as=u`).out.trim(), 'yes', 'after the binding');
  }),
  kubectl('B45', 'cluster-info dump', async t => {
    await t.k`run p --image=x`;
    await t.k`cluster-info dump --namespaces=${t.ns} --output-directory=${t.file('dump', '').replace(/dump$/, 'all')}`;
  }),
  kubectl('B47', 'top', async t => {
    refused(await t.tries`top pods`, /Metrics API not available|metrics\.k8s\.io/);
  }),
  kubectl('B48', 'logs and exec of a Pod that runs nowhere', async t => {
    await t.k`run p --image=x`;
    equal(await t.k`logs p`, '', 'logs');
    const done = refused(await t.tries`exec p -- ls`, /\w/);
    lacks(done.err, /killed after|goroutine/);
  }),
  kubectl('B49', 'diff', async t => {
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: 'v' } };
    await t.k`apply -f ${t.file('a.json', map)}`;
    await t.k`diff -f ${t.file('a.json', map)}`;
    const before = (await t.json`get cm a`).metadata.resourceVersion;
    const done = await t.tries`diff -f ${t.file('b.json', { ...map, data: { k: 'w' } })}`;
    equal(done.code, 1, `exit status (${done.err})`);
    matches(done.out, /-\s+k: v\n\+\s+k: w/);
    equal((await t.json`get cm a`).metadata.resourceVersion, before, 'resourceVersion');
  }),
  kubectl('B50', 'kustomize, and apply -k', async t => {
    t.file('cm.yaml', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: 'v' } });
    const dir = t.file('kustomization.yaml', 'resources: [cm.yaml]\nnamePrefix: x-\n').replace(/\/kustomization.yaml$/, '');
    const done = await t.given(await t.k`kustomize ${dir}`)`apply -f -`;
    equal(done.out, 'configmap/x-a created\n', 'apply -f -');
    matches(await t.k`apply -k ${dir}`, /x-a unchanged|x-a configured/);
  }),
  kubectl('B51', 'debug, cp and port-forward of a Pod that runs nowhere', async t => {
    await t.k`run p --image=x`;
    const debug = t.minor >= 24 ? await t.tries`debug p --image=busybox --target=p --attach=false -q` : await t.tries`alpha version`;
    lacks(debug.err, /killed after|goroutine/);
    refused(await t.tries`cp p:/etc/hosts ${t.file('hosts', '')}`, /\w/);
    refused(await t.tries`port-forward pod/p :80 --pod-running-timeout=1s`, /not running|timed out|unable/);
  }),
  kubectl('B52', 'cordon, taint and drain a node', async t => {
    const node = `n-${t.tag}`;
    await t.post('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: node } });
    await t.k`cordon ${node}`;
    matches(await t.k`get node ${node}`, /SchedulingDisabled/);
    await t.k`taint node ${node} a=b:NoSchedule`;
    const { spec } = await t.json`get node ${node}`;
    expect(
      spec.taints.some((taint: { key: string }) => taint.key === 'a'),
      'the taint is missing',
      spec,
    );
    await t.k`drain ${node}`;
    await t.k`uncordon ${node}`;
    await t.k`delete node ${node}`;
  }),
];
