// Kinds by the names people type: `deploy`, `deployments`, `Deployment`, `deployments.apps`, from the server's discovery.
import { at, listOf, type RawClient, stringOf } from '../kube/index.ts';

export interface NamedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Everything that is served, each kind in its preferred version. */
async function served(client: RawClient): Promise<readonly (NamedKind & { readonly names: readonly string[] })[]> {
  const answers = await Promise.all(['/api', '/apis'].map(path => client.raw('GET', path, { accept: AGGREGATED })));
  return answers.flatMap(({ code, body }) => {
    if (code !== 200) throw new Error(`discovery answered ${code}`);
    return listOf(at(JSON.parse(body), 'items')).flatMap(kindsOfGroup);
  });
}

function kindsOfGroup(item: unknown): (NamedKind & { readonly names: readonly string[] })[] {
  const group = stringOf(at(item, 'metadata', 'name'));
  return listOf(at(item, 'versions')).flatMap(v =>
    listOf(at(v, 'resources')).map(r => {
      const [kind, plural] = [stringOf(at(r, 'responseKind', 'kind')), stringOf(at(r, 'resource'))];
      const short = listOf(at(r, 'shortNames')).map(stringOf);
      const plain = [kind, plural, stringOf(at(r, 'singularResource')), ...short].filter(Boolean).map(n => n.toLowerCase());
      const names = group ? [...plain, ...plain.map(n => `${n}.${group}`)] : plain;
      return { group, version: stringOf(at(v, 'version')), kind, plural, namespaced: at(r, 'scope') === 'Namespaced', names };
    }),
  );
}

/** Throws an Error for a person where nothing has that name. */
export async function kindNamed(client: RawClient, name: string): Promise<NamedKind> {
  const found = (await served(client)).find(k => k.names.includes(name.toLowerCase()));
  if (!found) throw new Error(`the control plane has no kind ${name}: see kubectl api-resources`);
  return found;
}
