// Group E: custom resources.
import { kubectl, raw } from '../check.ts';
import { equal, eventually, expect, lacks, matches, refused } from '../expect.ts';
import { type Json, ok, status } from '../http.ts';
import type { RawSession } from '../session.ts';
import { definition, established, widget } from './material.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const spec = (properties: object, more: object = {}): object => ({
  type: 'object',
  properties: { spec: { type: 'object', properties, ...more } },
});
const withSpec = (t: RawSession, properties: object, more: object = {}): Promise<string> =>
  established(t, definition(t.tag, { schema: spec(properties, more) }));

/** The fields and messages of a refusal. */
const causes = (body: Json): string => body.details.causes.map((c: Json) => `${c.field}: ${c.message}`).join('\n');

export const customChecks = [
  kubectl('E82', 'a definition is served at once', async t => {
    const began = performance.now();
    await t.k`apply -f ${t.file('crd.json', definition(t.tag))}`;
    await t.k`wait --for=condition=Established crd/widgets.${t.tag}.example.com --timeout=5s`;
    expect(performance.now() - began < 4000, 'it took longer than 4 s');
    const resource = `widgets.${t.tag}.example.com`;
    await eventually('get works', async () => (await t.tries`get ${resource}`).code === 0, { timeoutMs: 3000 });
    matches(await t.k`explain ${`wd${t.tag.replaceAll('-', '')}`}.spec`, /size[\s\S]*integer/);
    expect((await t.get('/openapi/v3')).paths[`apis/${t.tag}.example.com/v1`], 'OpenAPI v3 lacks it');
    expect((await t.get('/openapi/v2')).definitions[`com.example.${t.tag}.v1.Widget`], 'OpenAPI v2 lacks it');
  }),
  raw('E83', 'bad definitions are refused', async t => {
    const refusal = async (crd: object): Promise<string> => causes(status(await t.send('POST', CRDS, { body: crd }), 422, 'Invalid'));
    matches(
      await refusal(definition(t.tag, { schema: { type: 'object', properties: { spec: { properties: {} } } } })),
      /openAPIV3Schema\.properties\[spec\]\.type: Required value/,
    );
    matches(
      await refusal(definition(t.tag, { schema: { type: 'object', properties: { spec: { type: 'object', $ref: '#/x' } } } })),
      /\$ref/,
    );
    const [one] = (definition(t.tag) as Json).spec.versions;
    matches(
      await refusal(definition(t.tag, { spec: { versions: [one, { ...one, name: 'v2' }] } })),
      /exactly one version .* storage|storage version/,
    );
  }),
  kubectl('E84', 'unknown fields of custom resources', async t => {
    const path = await established(t, definition(t.tag));
    const body = widget(t.tag, 'w', { size: 1, sizes: 2 });
    const made = await t.send('POST', path, { body });
    equal(ok(made, 201).spec, { size: 1 }, 'spec');
    matches(made.warnings.join(), /299 - "unknown field \\"spec\.sizes\\""/, 'Warning');
    matches(
      status(await t.send('POST', `${path}?fieldValidation=Strict`, { body }), 400, 'BadRequest').message,
      /strict decoding error: unknown field "spec\.sizes"/,
    );
    if (t.minor >= 25)
      refused(
        await t.tries`apply --validate=strict -f ${t.file('w.json', widget(t.tag, 'x', { sizes: 2 }))}`,
        /unknown field "spec\.sizes"/,
      );
  }),
  raw('E85', 'defaults on create, and on reading what is older', async t => {
    const path = await withSpec(t, { size: { type: 'integer', default: 3 } });
    equal((await t.post(path, widget(t.tag, 'w', {}))).spec, { size: 3 }, 'created');
    const crd = await t.get(`${CRDS}/widgets.${t.tag}.example.com`);
    crd.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.color = { type: 'string', default: 'red' };
    await t.put(`${CRDS}/widgets.${t.tag}.example.com`, crd);
    await eventually('the old object shows the new default', async () => (await t.get(`${path}/w`)).spec.color === 'red');
  }),
  kubectl('E86', 'schema faults name their fields', async t => {
    await withSpec(
      t,
      { size: { type: 'integer' }, color: { type: 'string', enum: ['red', 'blue'] }, code: { type: 'string', pattern: '^[a-z]+$' } },
      { required: ['size'] },
    );
    const done = await t.given(widget(t.tag, 'w', { size: 'x', color: 'green', code: 'A' }))`create --validate=false -f -`;
    const { err } = refused(done, /is invalid/);
    matches(err, /spec\.size: Invalid value: "string": spec\.size in body must be of type integer: "string"/);
    matches(err, /spec\.color: Unsupported value: "green": supported values: "red", "blue"/);
    matches(err, /spec\.code: Invalid value: "A": spec\.code in body should match '\^\[a-z\]\+\$'/);
    refused(await t.given(widget(t.tag, 'w', {}))`create --validate=false -f -`, /spec\.size: Required value/);
  }),
  raw('E87', 'CEL rules', async t => {
    const path = await withSpec(
      t,
      {
        size: { type: 'integer' },
        fixed: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'fixed is fixed' }] },
        name: { type: 'string', maxLength: 20 },
      },
      {
        'x-kubernetes-validations': [
          { rule: '!has(self.size) || self.size < 10', message: 'too many' },
          { rule: "!has(self.name) || self.name != 'x'", messageExpression: "'not ' + self.name" },
        ],
      },
    );
    matches(causes(status(await t.send('POST', path, { body: widget(t.tag, 'w', { size: 10 }) }), 422)), /spec: Invalid value: too many/);
    matches(causes(status(await t.send('POST', path, { body: widget(t.tag, 'w', { name: 'x' }) }), 422)), /not x/);
    await t.post(path, widget(t.tag, 'w', { fixed: 'a' }));
    const changed = await t.patch(`${path}/w`, 'merge-patch+json', '{"spec":{"fixed":"b"}}');
    matches(causes(status(changed, 422)), /spec\.fixed: Invalid value: "b": fixed is fixed/);
    const costly = definition(`${t.tag}-2`, {
      schema: spec({
        list: {
          type: 'array',
          items: { type: 'array', items: { type: 'string' } },
          'x-kubernetes-validations': [{ rule: "self.all(a, a.all(b, b.contains('x')))" }],
        },
      }),
    });
    matches(causes(status(await t.send('POST', CRDS, { body: costly }), 422)), /estimated rule cost exceeds budget/);
  }),
  raw('E88', 'duplicates in maps and sets', async t => {
    const path = await withSpec(t, {
      map: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
        items: { type: 'object', required: ['k'], properties: { k: { type: 'string' } } },
      },
      set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    });
    matches(
      causes(status(await t.send('POST', path, { body: widget(t.tag, 'w', { map: [{ k: 'a' }, { k: 'a' }] }) }), 422)),
      /spec\.map\[1\]: Duplicate value/,
    );
    matches(
      causes(status(await t.send('POST', path, { body: widget(t.tag, 'w', { set: ['a', 'a'] }) }), 422)),
      /spec\.set\[1\]: Duplicate value/,
    );
  }),
  kubectl('E89', 'printer columns', async t => {
    const additionalPrinterColumns = [
      { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
      { name: 'Color', type: 'string', jsonPath: '.spec.color', priority: 1 },
      { name: 'Born', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    ];
    const path = await established(t, definition(t.tag, { version: { additionalPrinterColumns } }));
    await t.post(path, widget(t.tag, 'w', { size: 7, color: 'red' }));
    matches(await t.k`get widgets.${t.tag}.example.com`, /^NAME +SIZE +BORN\nw +7 +\d+s\n$/);
    matches(await t.k`get widgets.${t.tag}.example.com -o wide`, /^NAME +SIZE +COLOR +BORN\nw +7 +red +\d+s\n$/);
  }),
  raw('E90', 'status subresource', async t => {
    const path = await established(t, definition(t.tag, { version: { subresources: { status: {} } } }));
    const made = await t.post(path, { ...widget(t.tag, 'w', { size: 1 }), status: { ready: true } });
    equal([made.status, made.metadata.generation], [undefined, 1], 'created');
    const main = await t.put(`${path}/w`, { ...made, spec: { size: 2 }, status: { ready: true } });
    equal([main.status, main.metadata.generation], [undefined, 2], 'after PUT');
    const part = await t.put(`${path}/w/status`, { ...main, spec: { size: 3 }, status: { ready: true } });
    equal([part.spec.size, part.status, part.metadata.generation], [2, { ready: true }, 2], 'after PUT of status');
  }),
  kubectl('E91', 'scale subresource', async t => {
    const scale = { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' };
    const path = await established(t, definition(t.tag, { version: { subresources: { status: {}, scale } } }));
    await t.post(path, widget(t.tag, 'w', { size: 1 }));
    await t.k`scale widgets.${t.tag}.example.com/w --replicas=4`;
    equal((await t.get(`${path}/w`)).spec.size, 4, 'size');
    equal((await t.get(`${path}/w/scale`)).spec.replicas, 4, 'scale');
  }),
  kubectl('E97', 'a deprecated version warns', async t => {
    const path = await established(t, definition(t.tag, { version: { deprecated: true, deprecationWarning: 'widgets v1 are old' } }));
    await t.post(path, widget(t.tag, 'w', {}));
    matches((await t.tries`get widgets.${t.tag}.example.com`).err, /Warning: widgets v1 are old/);
  }),
  raw('E94', 'selectable fields', async t => {
    const path = await established(t, definition(t.tag, { version: { selectableFields: [{ jsonPath: '.spec.color' }] } }));
    await t.post(path, widget(t.tag, 'w', { color: 'blue' }));
    await t.post(path, widget(t.tag, 'x', { color: 'red' }));
    const list = await t.get(`${path}?fieldSelector=spec.color%3Dblue`);
    equal(
      list.items.map((i: Json) => i.metadata.name),
      ['w'],
      'blue ones',
    );
    matches(status(await t.send('GET', `${path}?fieldSelector=spec.size%3D1`), 400).message, /field label not supported: spec\.size/);
  }),
  kubectl('E96', 'delete of a definition', async t => {
    const path = await established(t, definition(t.tag));
    await t.post(path, widget(t.tag, 'w', {}));
    const { resourceVersion } = (await t.get(path)).metadata;
    const watching = await t.watch(`${path}?watch=1&resourceVersion=${resourceVersion}`);
    await t.k`delete crd widgets.${t.tag}.example.com`;
    await watching.until('DELETED', f => f.type === 'DELETED');
    await watching.ended;
    await eventually('discovery lacks it', async () => (await t.send('GET', `/apis/${t.tag}.example.com`)).status === 404, {
      timeoutMs: 3000,
    });
    lacks(await t.k`api-versions`, new RegExp(`^${t.tag}\\.`, 'm'));
  }),
];
