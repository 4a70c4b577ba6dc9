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
