// Certificate requests as the loops around them read and write them.
import { type AnyObject, at, type Client, isObject, listOf, objectOf, type Resource, resource } from '../../kube/index.ts';

export const CSRS: Resource<AnyObject> = resource({
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  scope: 'Cluster',
});

export type Condition = Readonly<Record<string, unknown>>;

export const csrSpec = (csr: AnyObject): Record<string, unknown> => objectOf(csr['spec']);

export const conditionsOf = (csr: AnyObject): readonly Condition[] => listOf(at(csr, 'status', 'conditions')).filter(isObject);

export const hasCondition = (csr: AnyObject, type: string): boolean =>
  conditionsOf(csr).some(c => c['type'] === type && c['status'] === 'True');

/** Writes fields of the status, by way of /status or of /approval. */
export async function setStatus(
  client: Client,
  csr: AnyObject,
  fields: Readonly<Record<string, unknown>>,
  subresource: 'status' | 'approval' = 'status',
): Promise<void> {
  await client.update(CSRS, { ...csr, status: { ...objectOf(csr['status']), ...fields } }, { subresource });
}
