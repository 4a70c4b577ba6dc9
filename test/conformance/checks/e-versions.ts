// Group E, several versions and several definitions: 92, 93, 95.
import { raw } from '../check.ts';
import { equal, eventually, expect, matches } from '../expect.ts';
import { type Json, ok, status } from '../http.ts';
import { webhook } from '../webhook.ts';
import { definition, established, widget } from './material.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** The definition with versions v1 (stored) and v2. */
function twoVersions(tag: string, more: object = {}): Json {
  const crd = definition(tag) as Json;
  const [one] = crd.spec.versions;
  return { ...crd, spec: { ...crd.spec, ...more, versions: [one, { ...one, name: 'v2', storage: false }] } };
}

export const versionChecks = [
  raw('E92', 'two versions without conversion', async t => {
    const path = await established(t, twoVersions(t.tag));
    await t.post(path, widget(t.tag, 'w', { size: 1 }));
    const second = path.replace('/v1/', '/v2/');
    equal(
      [(await t.get(`${second}/w`)).apiVersion, (await t.get(`${path}/w`)).apiVersion],
      [`${t.tag}.example.com/v2`, `${t.tag}.example.com/v1`],
      'apiVersion',
    );
    const crd = await t.get(`${CRDS}/widgets.${t.tag}.example.com`);
    equal(crd.status.storedVersions, ['v1'], 'storedVersions');
    crd.spec.versions[0].storage = false;
    crd.spec.versions[1].storage = true;
    equal(
      (await t.put(`${CRDS}/widgets.${t.tag}.example.com`, crd)).status.storedVersions,
      ['v1', 'v2'],
      'storedVersions after the change',
    );
    const changed = ok(await t.patch(`${second}/w`, 'merge-patch+json', '{"spec":{"size":2}}'), 200);
    equal(changed.spec.size, 2, 'size');
    crd.spec.versions = [crd.spec.versions[1]];
    matches(
      status(
        await t.send('PUT', `${CRDS}/widgets.${t.tag}.example.com`, {
          body: { ...crd, metadata: { ...crd.metadata, resourceVersion: undefined } },
        }),
        422,
      ).message,
      /storedVersions|must be specified/,
    );
  }),
  raw('E93', 'conversion by webhook', async t => {
    const hook = await webhook(review => {
      const { objects, desiredAPIVersion } = review.request;
      const failed = objects.some((o: Json) => o.spec?.color === 'fail');
      const convertedObjects = failed
        ? []
        : objects.map((o: Json) => ({
            ...o,
            apiVersion: desiredAPIVersion,
            spec: { ...o.spec, color: `seen by ${desiredAPIVersion.split('/')[1]}` },
          }));
      return { convertedObjects, result: failed ? { status: 'Failure', message: 'no such color' } : { status: 'Success' } };
    });
    try {
      const conversion = {
        strategy: 'Webhook',
        webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: hook.url, caBundle: hook.caBundle } },
      };
      const path = await established(t, twoVersions(t.tag, { conversion }));
      const second = path.replace('/v1/', '/v2/');
      for (const name of ['a', 'b', 'c']) await t.post(path, widget(t.tag, name, { size: 1 }));
      const before = hook.calls();
      const list = await t.get(second);
      equal(
        list.items.map((i: Json) => i.spec.color),
        Array(3).fill('seen by v2'),
        'colors',
      );
      expect(hook.calls() - before <= 1, 'a list called the webhook more than once', hook.calls() - before);
      await t.post(path, widget(t.tag, 'd', { color: 'fail' }));
      const answer = await t.send('GET', `${second}/d`);
      equal(answer.status, 500, 'status');
      matches(answer.text, /no such color/);
    } finally {
      await hook.close();
    }
  }),
  raw('E95', 'two definitions that want one name', async t => {
    const path = await established(t, definition(t.tag));
    const group = `${t.tag}.example.com`;
    const other = definition(t.tag, {
      spec: { names: { plural: 'gadgets', singular: 'gadget', kind: 'Widget', listKind: 'GadgetList' } },
    }) as Json;
    await t.post(CRDS, { ...other, metadata: { name: `gadgets.${group}` } });
    const condition = await eventually(
      'NamesAccepted',
      async () =>
        (await t.get(`${CRDS}/gadgets.${group}`)).status?.conditions?.find((c: Json) => c.type === 'NamesAccepted') as Json | undefined,
    );
    equal([condition.status, condition.reason], ['False', 'KindConflict'], 'NamesAccepted');
    equal((await t.send('GET', path.replace('widgets', 'gadgets'))).status, 404, 'the second');
    await t.get(path);
  }),
];
