// Group D: deletion, garbage, namespaces.
import { apart, kubectl, raw } from '../check.ts';
import { equal, eventually, expect, matches, refused } from '../expect.ts';
import { ok, status } from '../http.ts';
import type { KubectlSession } from '../session.ts';

export const deleteChecks = [
  kubectl('D71', 'delete, waited for and not', async t => {
    for (const name of ['a', 'b', 'c', 'd']) await t.configMap(name);
    await t.k`delete cm a`;
    refused(await t.tries`get cm a`, /NotFound/);
    await t.k`delete cm b --wait=false`;
    await t.k`delete cm c --now`;
    await t.k`delete cm d --grace-period=0 --force`;
    equal(await t.k`get cm -o name`, '', 'what is left');
  }),
  kubectl('D72', 'delete by selector, and all', async t => {
    for (const name of ['a', 'b', 'c', 'd']) await t.configMap(name, {}, { labels: { n: name } });
    await t.k`delete cm -l n=a`;
    await t.k`delete cm --field-selector metadata.name=b`;
    equal(await t.k`get cm -o name`, 'configmap/c\nconfigmap/d\n', 'what is left');
    await t.k`delete cm --all`;
    equal(await t.k`get cm -o name`, '', 'in the end');
  }),
  raw('D73', 'deletecollection', async t => {
    await t.configMap('a', {}, { labels: { x: 'y' } });
    await t.configMap('b');
    const list = ok(await t.send('DELETE', t.core('configmaps', '', 'labelSelector=x%3Dy')), 200);
    equal([list.kind, list.items.map((i: { metadata: { name: string } }) => i.metadata.name)], ['ConfigMapList', ['a']], 'the answer');
    equal((await t.get(t.core('configmaps'))).items.length, 1, 'what is left');
  }),
  kubectl('D74', 'a finalizer holds a deletion', async t => {
    await t.configMap('a', {}, { finalizers: ['example.com/hold'] });
    const { resourceVersion } = (await t.get(t.core('configmaps'))).metadata;
    const watching = await t.watch(t.core('configmaps', '', `watch=1&resourceVersion=${resourceVersion}`));
    const deleting = t.starts`delete cm a`;
    await eventually('deletionTimestamp', async () => (await t.json`get cm a`).metadata.deletionTimestamp as string | undefined);
    ok(await t.patch(t.core('configmaps', 'a'), 'merge-patch+json', '{"metadata":{"finalizers":[]}}'), 200);
    equal(await deleting.ended, 0, `exit status (${deleting.out()})`);
    await watching.until('DELETED', f => f.type === 'DELETED');
    watching.close();
  }),
  raw('D75', 'no finalizer is added to what is being deleted', async t => {
    await t.configMap('a', {}, { finalizers: ['example.com/hold'] });
    ok(await t.send('DELETE', t.core('configmaps', 'a')), 200);
    const answer = await t.patch(
      t.core('configmaps', 'a'),
      'merge-patch+json',
      '{"metadata":{"finalizers":["example.com/hold","example.com/more"]}}',
    );
    equal(status(answer, 422, 'Invalid').details.causes[0].reason, 'FieldValueForbidden', 'reason');
    ok(await t.patch(t.core('configmaps', 'a'), 'merge-patch+json', '{"metadata":{"finalizers":null}}'), 200);
  }),
  kubectl('D76', 'cascade: background, foreground, orphan', async t => {
    for (const cascade of ['background', 'foreground', 'orphan'] as const) {
      const owner = await t.configMap(`o-${cascade}`);
      await t.configMap(
        `c-${cascade}`,
        {},
        {
          ownerReferences: [
            { apiVersion: 'v1', kind: 'ConfigMap', name: owner.metadata.name, uid: owner.metadata.uid, blockOwnerDeletion: true },
          ],
        },
      );
      const { resourceVersion } = (await t.get(t.core('configmaps'))).metadata;
      const watching = await t.watch(t.core('configmaps', '', `watch=1&resourceVersion=${resourceVersion}`));
      await t.k`delete cm o-${cascade} --cascade=${t.minor < 20 ? 'true' : cascade}`;
      if (cascade === 'orphan') {
        await eventually('the reference is gone', async () => !(await t.json`get cm c-orphan`).metadata.ownerReferences);
      } else {
        await watching.until('the dependent is gone', f => f.type === 'DELETED' && f.object.metadata.name === `c-${cascade}`);
        await watching.until('the owner is gone', f => f.type === 'DELETED' && f.object.metadata.name === `o-${cascade}`);
        const gone = watching.story().filter(e => e.startsWith('DELETED'));
        if (cascade === 'foreground') equal(gone, ['DELETED c-foreground', 'DELETED o-foreground'], 'order');
      }
      watching.close();
    }
  }),
  raw('D77', 'an owner of another uid is no owner', async t => {
    await t.configMap('o');
    await t.configMap(
      'c',
      {},
      { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: '00000000-0000-4000-8000-000000000000' }] },
    );
    await eventually('the dependent is collected', async () => (await t.send('GET', t.core('configmaps', 'c'))).status === 404);
    await t.get(t.core('configmaps', 'o'));
  }),
  raw('D78', 'preconditions', async t => {
    await t.configMap('a');
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: '00000000-0000-4000-8000-000000000000' } };
    status(await t.send('DELETE', t.core('configmaps', 'a'), { body }), 409, 'Conflict');
    status(await t.send('DELETE', t.core('configmaps', 'a'), { body: { preconditions: { resourceVersion: '1' } } }), 409, 'Conflict');
    ok(await t.send('DELETE', t.core('configmaps', 'a'), { body: { propagationPolicy: 'Background' } }), 200);
  }),
  kubectl('D79', 'delete namespace', async t => {
    const name = `doomed-${t.tag}`;
    await t.k`create namespace ${name}`;
    const path = `/api/v1/namespaces/${name}/configmaps`;
    await t.post(path, { metadata: { name: 'held', finalizers: ['example.com/hold'] } });
    await t.post(path, { metadata: { name: 'free' } });
    const deleting = t.starts`delete namespace ${name}`;
    await eventually('Terminating', async () => (await t.json`get namespace ${name}`).status.phase === 'Terminating');
    const answer = status(await t.send('POST', path, { body: { metadata: { name: 'late' } } }), 403, 'Forbidden');
    equal(answer.details.causes[0].reason, 'NamespaceTerminating', 'cause');
    await eventually('its content goes', async () => (await t.send('GET', `${path}/free`)).status === 404);
    ok(await t.patch(`${path}/held`, 'merge-patch+json', '{"metadata":{"finalizers":null}}'), 200);
    equal(await deleting.ended, 0, `exit status (${deleting.out()})`);
    refused(await t.tries`get namespace ${name}`, /NotFound/);
  }),
  kubectl('D80', 'delete namespace default', async (t: KubectlSession) => {
    matches(refused(await t.tries`delete namespace default`, /Forbidden/).err, /this namespace may not be deleted/);
  }),
  apart('D81', 'events expire', async t => {
    const path = '/api/v1/namespaces/default/events';
    const event = {
      metadata: { name: 'e', namespace: 'default' },
      involvedObject: { namespace: 'default' },
      reason: 'R',
      message: 'm',
      type: 'Normal',
    };
    ok(await t.http.send('POST', path, { body: event }), 201);
    t.advance(30 * 60_000);
    ok(await t.http.send('POST', path, { body: { ...event, metadata: { name: 'f', namespace: 'default' } } }), 201);
    t.advance(31 * 60_000);
    await eventually('the older event is gone', async () => (await t.http.send('GET', `${path}/e`)).status === 404);
    const list = ok(await t.http.send('GET', path), 200);
    expect(list.items.length === 1, 'the younger event went too', list.items.length);
  }),
];
