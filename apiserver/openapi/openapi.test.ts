import { describe, expect, it } from 'vitest';
import { customKind } from '../crd/custom-kind.ts';
import { openapi } from './openapi.ts';
import type { ApiResource } from './resource.ts';

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const deployments: ApiResource = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
  verbs,
  subresources: ['status'],
};
const pods: ApiResource = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true, verbs, subresources: [] };

const crd = {
  metadata: { name: 'things.example.io' },
  spec: {
    group: 'example.io',
    scope: 'Namespaced',
    names: { plural: 'things', kind: 'Thing' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', properties: { size: { type: 'integer', nullable: true } } } },
          },
        },
      },
    ],
  },
};

function documents() {
  const thing = customKind(crd, 'v1');
  if (!thing) throw new Error('no version v1');
  return openapi({ builtin: [deployments, pods], custom: [thing], version: 'v1.36.1' });
}

const parse = (d: { readonly bytes: Buffer } | undefined) => JSON.parse(d?.bytes.toString() ?? 'null');

describe('openapi', () => {
  it('describes a built-in kind with its merge keys in version 3', async () => {
    const doc = parse(await documents().v3('apis/apps/v1'));
    expect(doc.components.schemas['io.k8s.api.apps.v1.Deployment']['x-kubernetes-group-version-kind']).toEqual([
      { group: 'apps', kind: 'Deployment', version: 'v1' },
    ]);
    expect(doc.components.schemas['io.k8s.api.core.v1.PodSpec'].properties.containers['x-kubernetes-patch-merge-key']).toBe('name');
    const { patch } = doc.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}'];
    expect(patch.parameters.map((p: { name: string }) => p.name)).toEqual(['dryRun', 'fieldManager', 'fieldValidation', 'force']);
    expect(patch['x-kubernetes-action']).toBe('patch');
  });

  it('tells what built-in types require, allow and default to, in inlined parts too', async () => {
    const docs = documents();
    const { schemas } = parse(await docs.v3('api/v1')).components;
    const { required, properties } = schemas['io.k8s.api.core.v1.Container'];
    expect(required).toEqual(['name']);
    expect([properties.name, properties.imagePullPolicy, properties.command, properties.resources]).toEqual([
      { type: 'string', default: '' },
      { type: 'string', enum: ['Always', 'IfNotPresent', 'Never'] },
      { type: 'array', items: { type: 'string', default: '' }, 'x-kubernetes-list-type': 'atomic' },
      { allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.ResourceRequirements' }], default: {} },
    ]);
    const ephemeral = schemas['io.k8s.api.core.v1.EphemeralContainer'].properties;
    expect([ephemeral.command, ephemeral.imagePullPolicy]).toEqual([properties.command, properties.imagePullPolicy]);
    const v2 = parse(await docs.v2Json()).definitions['io.k8s.api.core.v1.Container'];
    expect([v2.required, v2.properties.name]).toEqual([['name'], { type: 'string' }]);
  });

  it('names no property of a custom kind that keeps all unknown fields, in version 2', async () => {
    const openAPIV3Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } };
    const loose = customKind({ ...crd, spec: { ...crd.spec, versions: [version] } }, 'v1');
    const doc = parse(await openapi({ builtin: [], custom: loose ? [loose] : [], version: 'v1.36.1' }).v2Json());
    expect(doc.definitions['io.example.v1.Thing']).toEqual({
      type: 'object',
      'x-kubernetes-group-version-kind': [{ group: 'example.io', kind: 'Thing', version: 'v1' }],
    });
  });

  it('publishes custom kinds under the reversed group', async () => {
    const docs = documents();
    const v3 = parse(await docs.v3('apis/example.io/v1'));
    expect(v3.components.schemas['io.example.v1.Thing'].properties.spec.properties.size).toEqual({ type: 'integer', nullable: true });
    const v2 = parse(await docs.v2Json());
    expect(v2.definitions['io.example.v1.Thing'].properties.spec.properties.size).toEqual({});
  });

  it('refers only to definitions that the document has', async () => {
    const docs = documents();
    const v2 = parse(await docs.v2Json());
    for (const [, name = ''] of JSON.stringify(v2).matchAll(/"#\/definitions\/([^"]+)"/g)) expect(v2.definitions).toHaveProperty([name]);
    const v3 = parse(await docs.v3('api/v1'));
    for (const [, name = ''] of JSON.stringify(v3).matchAll(/"#\/components\/schemas\/([^"]+)"/g))
      expect(v3.components.schemas).toHaveProperty([name]);
  });

  it('lists every group version with the hash of its document', async () => {
    const docs = documents();
    const index = parse(await docs.v3Index());
    const document = await docs.v3('apis/apps/v1');
    expect(index.paths['apis/apps/v1'].serverRelativeURL).toBe(`/openapi/v3/apis/apps/v1?hash=${document?.hash}`);
    expect(await docs.v3('apis/nowhere/v1')).toBeUndefined();
  });

  it('builds a document once', async () => {
    const docs = documents();
    expect(await docs.v2Proto()).toBe(await docs.v2Proto());
  });
});
