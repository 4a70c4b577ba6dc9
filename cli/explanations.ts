// The subresource `explanation` of bindings: answered by the scheduler of this process.
import type { Extensions, Subresource } from '../apiserver/index.ts';
import { clusterResourceBindings, resourceBindings } from '../crds/index.ts';
import { type AnyObject, keyOf, keyText, notFound, unavailable } from '../kube/index.ts';
import { EXPLANATION, type Scheduler } from '../scheduler/index.ts';

/** `scheduler` is asked for at each request: it comes up after the API server. */
export function explanations(scheduler: () => Scheduler | undefined): Extensions {
  const subresource = (plural: string): Subresource => ({
    kind: EXPLANATION,
    verbs: ['get'],
    type: 'virtual',
    async get({ signal }, parent) {
      const running = scheduler();
      if (!running) throw unavailable('the scheduler is not running yet');
      const found = await running.explain(keyText(keyOf(parent)), signal ?? new AbortController().signal);
      if (!found) throw notFound({ group: resourceBindings.group, plural: `${plural}/explanation`, name: parent.metadata.name ?? '' });
      return found as unknown as AnyObject;
    },
  });
  const of = ({ plural, group }: { readonly plural: string; readonly group: string }) =>
    [`${plural}.${group}`, new Map([['explanation', subresource(plural)]])] as const;
  return new Map([of(resourceBindings), of(clusterResourceBindings)]);
}

const PATH =
  /^\/apis\/work\.karmada\.io\/v1alpha2\/(?:namespaces\/([^/]+)\/resourcebindings|clusterresourcebindings)\/([^/]+)\/explanation$/;

/** The path of a binding's explanation, in the API and on the health port of a scheduler that stands alone. */
export const explanationPath = ({ namespace, name }: { readonly namespace?: string; readonly name: string }): string =>
  `/apis/work.karmada.io/v1alpha2/${namespace ? `namespaces/${namespace}/resourcebindings` : 'clusterresourcebindings'}/${name}/explanation`;

/** What a scheduler that stands alone answers under that path. */
export async function explanationAt(decider: Scheduler, path: string, signal: AbortSignal): Promise<unknown> {
  const [, namespace, name] = PATH.exec(path) ?? [];
  return name ? decider.explain(namespace ? `${namespace}/${name}` : name, signal) : undefined;
}
