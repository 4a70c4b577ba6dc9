// Group B, changing objects: 28 to 39.
import { kubectl } from '../check.ts';
import { equal, expect, lacks, matches, refused } from '../expect.ts';
import { definition, established, widget } from './material.ts';

export const changeChecks = [
  kubectl('B28', 'label and annotate', async t => {
    await t.configMap('a');
    const version = async (): Promise<string> => (await t.json`get cm a`).metadata.resourceVersion;
    const before = await version();
    matches(await t.k`label cm a x=y`, /labeled/);
    const labelled = await version();
    expect(labelled !== before, 'resourceVersion did not change');
    await t.k`label cm a x=y --overwrite`;
    equal(await version(), labelled, 'resourceVersion after nothing');
    refused(await t.tries`label cm a x=z`, /overwrite/);
    await t.k`label cm a x=z --overwrite`;
    await t.k`label cm a x-`;
    await t.k`annotate cm a n=m`;
    refused(await t.tries`annotate cm a n=o`, /overwrite/);
    const { labels, annotations } = (await t.json`get cm a`).metadata;
    equal([labels, annotations], [undefined, { n: 'm' }], 'labels and annotations');
  }),
  kubectl('B29', 'edit', async t => {
    await t.configMap('a');
    await t.edit('sed -i s/v$/w/')`edit cm a`;
    equal((await t.json`get cm a`).data.k, 'w', 'data');
    await t.k`create deployment d --image=x`;
    const done = await t.edit('sed -i s/replicas:.*/replicas:\\ -1/')`edit deploy d`;
    expect(done.code !== 0, 'a wrong edit was taken', done.out);
    matches(done.err + done.out, /must be greater than or equal to 0|invalid/i);
  }),
  kubectl('B30', 'replace needs the version it was made from', async t => {
    const map = await t.configMap('a');
    await t.k`label cm a x=y`;
    refused(await t.tries`replace -f ${t.file('old.yaml', map)}`, /the object has been modified|Conflict/);
    const { resourceVersion, ...metadata } = map.metadata;
    await t.k`replace -f ${t.file('any.yaml', { ...map, metadata })}`;
    await established(t, definition(t.tag));
    await t.k`create -f ${t.file('w.yaml', widget(t.tag, 'w', { size: 1 }))}`;
    const answer = await t.send('PUT', `/apis/${t.tag}.example.com/v1/namespaces/${t.ns}/widgets/w`, {
      body: widget(t.tag, 'w', { size: 2 }),
    });
    matches(answer.text, /must be specified for an update/);
    expect(resourceVersion, 'the map had no version');
  }),
  kubectl('B31', 'replace --force', async t => {
    const map = await t.configMap('a');
    await t.k`replace --force -f ${t.file('a.yaml', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { n: 'm' } })}`;
    const now = await t.json`get cm a`;
    expect(now.metadata.uid !== map.metadata.uid, 'the uid is the old one');
    equal(now.data, { n: 'm' }, 'data');
  }),
  kubectl('B32', 'merge patch', async t => {
    await t.configMap('a', { k: 'v', l: 'w' });
    await t.k`patch cm a --type=merge -p ${'{"data":{"k":null}}'}`;
    equal((await t.json`get cm a`).data, { l: 'w' }, 'data');
  }),
  kubectl('B33', 'strategic patch', async t => {
    await t.k`create deployment d --image=nginx`;
    await t.k`patch deploy d -p ${'{"spec":{"template":{"spec":{"containers":[{"name":"nginx","image":"x"}]}}}}'}`;
    const [container] = (await t.json`get deploy d`).spec.template.spec.containers;
    equal([container.image, container.terminationMessagePath], ['x', '/dev/termination-log'], 'container');
  }),
  kubectl('B34', 'JSON patch', async t => {
    await t.k`create deployment d --image=nginx`;
    await t.k`patch deploy d --type=json -p ${'[{"op":"replace","path":"/spec/replicas","value":3}]'}`;
    equal((await t.json`get deploy d`).spec.replicas, 3, 'replicas');
    const done = await t.tries`patch deploy d --type=json -p ${'[{"op":"test","path":"/spec/replicas","value":4}]'}`;
    equal(refused(done, /the server rejected our request|[Ii]nvalid/).code, 1, 'exit status');
  }),
  kubectl('B35', 'no strategic patch of custom resources', async t => {
    await t.post(`/apis/policy.karmada.io/v1alpha1/namespaces/${t.ns}/propagationpolicies`, {
      apiVersion: 'policy.karmada.io/v1alpha1',
      kind: 'PropagationPolicy',
      metadata: { name: 'x' },
      spec: { resourceSelectors: [{ apiVersion: 'v1', kind: 'Namespace', name: `none-${t.tag}` }] },
    });
    refused(await t.tries`patch pp x --type=strategic -p ${'{"metadata":{"labels":{"a":"b"}}}'}`, /UnsupportedMediaType|not supported/);
  }),
  kubectl(
    'B36',
    'patch of status',
    async t => {
      await t.k`create deployment d --image=nginx`;
      const before = await t.json`get deploy d`;
      await t.k`patch deploy d --subresource=status --type=merge -p ${'{"spec":{"replicas":7},"status":{"replicas":1}}'}`;
      const after = await t.json`get deploy d`;
      equal(
        [after.metadata.generation, after.spec, after.status.replicas],
        [before.metadata.generation, before.spec, 1],
        'generation, spec, status',
      );
    },
    24,
  ),
  kubectl('B37', 'scale and autoscale', async t => {
    await t.k`create deployment d --image=nginx`;
    await t.k`scale deploy d --replicas=5`;
    equal((await t.json`get deploy d`).spec.replicas, 5, 'replicas');
    refused(await t.tries`scale deploy d --current-replicas=4 --replicas=6`, /[Ee]xpected replicas to be 4, was 5/);
    await t.k`autoscale deploy d --max=3`;
    equal((await t.json`get hpa d`).spec.maxReplicas, 3, 'maxReplicas');
  }),
  kubectl('B38', 'set and rollout', async t => {
    await t.k`create deployment d --image=nginx`;
    await t.k`set image deploy/d nginx=x`;
    await t.k`set env deploy/d A=b`;
    await t.k`set resources deploy/d --limits=cpu=100m`;
    await t.k`set serviceaccount deploy/d sa`;
    await t.k`rollout restart deploy/d`;
    const { spec, metadata } = (await t.json`get deploy d`).spec.template;
    equal(
      [spec.containers[0].image, spec.containers[0].env, spec.containers[0].resources.limits, spec.serviceAccountName],
      ['x', [{ name: 'A', value: 'b' }], { cpu: '100m' }, 'sa'],
      'template',
    );
    expect(metadata.annotations['kubectl.kubernetes.io/restartedAt'], 'restartedAt is missing', metadata);
    await t.k`rollout pause deploy/d`;
    equal((await t.json`get deploy d`).spec.paused, true, 'paused');
    await t.k`rollout resume deploy/d`;
    const history = await t.tries`rollout history deploy/d`;
    lacks(history.err + history.out, /panic|goroutine/);
    refused(await t.tries`rollout undo deploy/d`, /no rollout history found/);
  }),
  kubectl('B39', 'rollout status', async t => {
    await t.k`create deployment d --image=nginx`;
    const waiting = t.starts`rollout status deploy/d --timeout=20s`;
    await waiting.until(/Waiting for/);
    const deployment = await t.json`get deploy d`;
    const status = {
      observedGeneration: deployment.metadata.generation,
      replicas: 1,
      updatedReplicas: 1,
      readyReplicas: 1,
      availableReplicas: 1,
    };
    await t.put(t.apps('deployments', 'd/status'), { ...deployment, status });
    equal(await waiting.ended, 0, `exit status (${waiting.out()})`);
    matches(waiting.out(), /successfully rolled out/);
  }),
];
