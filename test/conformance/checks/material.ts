// Objects and keys that several checks need.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { eventually } from '../expect.ts';
import type { RawSession } from '../session.ts';

/** A PKCS#10 request for a user in a group, base64 PEM as Kubernetes takes it, and its key. */
export async function certificateRequest(user: string, group: string): Promise<{ request: string; key: string }> {
  const { Pkcs10CertificateRequestGenerator } = await import('@peculiar/x509');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await Pkcs10CertificateRequestGenerator.create({
    name: `CN=${user},O=${group}`,
    keys: keys as never,
    signingAlgorithm: algorithm,
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = `-----BEGIN PRIVATE KEY-----\n${der.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END PRIVATE KEY-----\n`;
  return { request: Buffer.from(made.toString('pem')).toString('base64'), key };
}

/** A custom kind of one version, for one check alone. */
export function definition(
  tag: string,
  o: { readonly schema?: object; readonly version?: object; readonly spec?: object } = {},
): Record<string, unknown> {
  const group = `${tag}.example.com`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', shortNames: [`wd${tag.replaceAll('-', '')}`] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: o.schema ?? {
              type: 'object',
              properties: {
                spec: { type: 'object', properties: { size: { type: 'integer' }, color: { type: 'string' } } },
                status: { type: 'object', properties: { ready: { type: 'boolean' }, size: { type: 'integer' } } },
              },
            },
          },
          ...o.version,
        },
      ],
      ...o.spec,
    },
  };
}

export const widget = (tag: string, name: string, spec: object, version = 'v1'): Record<string, unknown> => ({
  apiVersion: `${tag}.example.com/${version}`,
  kind: 'Widget',
  metadata: { name },
  spec,
});

/** Makes a custom kind and waits until it is served. */
export async function established(t: RawSession, crd: Record<string, unknown>): Promise<string> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const { metadata, spec } = await t.post(path, crd);
  await eventually(`${metadata.name} is established`, async () => {
    const { status } = await t.get(`${path}/${metadata.name}`);
    return status?.conditions?.some((c: { type: string; status: string }) => c.type === 'Established' && c.status === 'True');
  });
  return `/apis/${spec.group}/${spec.versions[0].name}/namespaces/${t.ns}/${spec.names.plural}`;
}
