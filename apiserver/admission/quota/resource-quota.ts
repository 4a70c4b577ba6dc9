// ResourceQuota: refuses what would take more of a namespace than its quotas allow, and writes what it grants into their status
// before the object is stored. Requests of one namespace are judged together: one write of a status grants many.
//
//   waiting ──▶ judged against the quotas as they are ──▶ statuses written by compare-and-set ──▶ granted
//                          ▲                                         │ somebody else wrote
//                          └───── only the quotas that failed ◀──────┘
import { type AnyObject, type Client, isStatusError, type Resource, resource } from '../../../kube/index.ts';
import type { Core } from '../../registry/index.ts';
import type { AdmissionPlugin, Attributes } from '../plugin.ts';
import { refuse } from '../pod-plugins.ts';
import { listOfAmounts, sameAmounts } from './amounts.ts';
import { type Counted, charge, counted } from './charge.ts';
import type { Evaluator } from './evaluator.ts';
import { evaluatorFor } from './evaluators.ts';

export const QUOTAS: Resource<AnyObject> = resource({
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  scope: 'Namespaced',
});
const RETRIES = 3;
/** What comes and goes by itself, and what is answered and never stored. */
const UNCOUNTED = new Set(['bindings', 'componentstatuses', 'events', 'localsubjectaccessreviews.authorization.k8s.io']);

interface Waiter {
  readonly a: Attributes;
  readonly evaluator: Evaluator;
  settle(refused?: Error): void;
}

/** `client` writes the statuses. */
export function resourceQuota(core: Core, client: Client): AdmissionPlugin {
  const queues = new Map<string, Waiter[]>();
  const evaluators = new Map<string, Evaluator>();
  const evaluatorOf = ({ group, plural }: Resource): Evaluator => {
    const id = `${group}/${plural}`;
    const known = evaluators.get(id) ?? evaluatorFor(group, plural, core.plane.clock);
    evaluators.set(id, known);
    return known;
  };
  return {
    name: 'ResourceQuota',
    validate(a) {
      const quotas = core.catalog.find('', 'v1', 'resourcequotas')?.collection;
      if (!quotas || quotas.size === 0 || a.namespace === '' || a.operation === 'DELETE' || a.operation === 'CONNECT') return;
      if (a.resource.group === '' && a.resource.plural === 'namespaces') return;
      if (UNCOUNTED.has(a.resource.group ? `${a.resource.plural}.${a.resource.group}` : a.resource.plural)) return;
      const evaluator = evaluatorOf(a.resource);
      if (!evaluator.handles(a) || present(core, a.namespace).length === 0) return;
      return new Promise<void>((resolve, reject) => {
        const waiting = queues.get(a.namespace);
        const waiter: Waiter = { a, evaluator, settle: refused => (refused ? reject(refused) : resolve()) };
        if (waiting) return void waiting.push(waiter);
        queues.set(a.namespace, [waiter]);
        void drain(core, client, { namespace: a.namespace, queues });
      });
    },
  };
}

const present = (core: Core, namespace: string): AnyObject[] =>
  core.catalog
    .find('', 'v1', 'resourcequotas')
    ?.collection.list({ namespace, accept: () => true })
    .entries.map(e => e.object) ?? [];

/** Judges what waits until nothing does; requests that come meanwhile make the next round. */
async function drain(core: Core, client: Client, o: { readonly namespace: string; readonly queues: Map<string, Waiter[]> }): Promise<void> {
  for (let batch = o.queues.get(o.namespace) ?? []; batch.length > 0; batch = o.queues.get(o.namespace) ?? []) {
    o.queues.set(o.namespace, []);
    try {
      await settleBatch(core, client, { batch, quotas: present(core, o.namespace).map(counted), retries: RETRIES });
    } catch (error) {
      for (const waiter of batch) waiter.settle(error as Error);
    }
  }
  o.queues.delete(o.namespace);
}

interface Round {
  readonly batch: readonly Waiter[];
  readonly quotas: readonly Counted[];
  readonly retries: number;
}

async function settleBatch(core: Core, client: Client, r: Round): Promise<void> {
  let quotas = r.quotas;
  const granted: Waiter[] = [];
  for (const waiter of r.batch) {
    const done = charge(quotas, waiter.a, waiter.evaluator);
    if ('refused' in done) waiter.settle(refuse(waiter.a, done.refused));
    else if (waiter.a.dryRun || done.quotas.every((q, i) => q === quotas[i])) waiter.settle();
    else {
      quotas = done.quotas;
      granted.push(waiter);
    }
  }
  const changed = quotas.filter((q, i) => q !== r.quotas[i] && !sameAmounts(q.used, r.quotas[i]?.used ?? q.used));
  const failed = (await Promise.all(changed.map(async q => ((await written(client, q)) ? [] : [q.quota.metadata.name])))).flat();
  if (failed.length === 0) {
    for (const waiter of granted) waiter.settle();
    return;
  }
  if (r.retries === 0) throw new Error(`the usage of quota ${failed.join(', ')} could not be written: others write it all the time`);
  const namespace = r.batch[0]?.a.namespace ?? '';
  const again = present(core, namespace).filter(q => failed.includes(q.metadata.name));
  await settleBatch(core, client, { batch: granted, quotas: again.map(counted), retries: r.retries - 1 });
}

/** False where somebody else wrote the quota meanwhile; a quota that is gone limits nothing. */
async function written(client: Client, { quota, used }: Counted): Promise<boolean> {
  try {
    await client.update(
      QUOTAS,
      { ...quota, status: { ...(quota['status'] as object), used: listOfAmounts(used) } },
      { subresource: 'status' },
    );
    return true;
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return true;
    if (isStatusError(error, 'Conflict')) return false;
    throw error;
  }
}
