import { clone, equal, isObject, listOf, StatusError } from '../../../../kube/index.ts';
import {
  APPLIED_PLACEMENT,
  type Binding,
  type BindingWriter,
  type Cluster,
  commit,
  decide,
  queueResultOf,
  SchedulingFailure,
  type TargetCluster,
} from '../../../../scheduler/index.ts';
import { agree, differ, type Suite } from '../../suite.ts';
import { referenceGates } from './cycle.ts';
import { recorded } from './outcome.ts';

interface Scripted {
  readonly clusters?: readonly TargetCluster[];
  readonly error?: string;
  readonly kind?: SchedulingFailure['kind'];
}

interface Input {
  readonly binding: Binding;
  readonly clusters: readonly Cluster[];
  readonly algorithm: Record<string, Scripted>;
  readonly patchErrors?: { readonly spec?: string; readonly status?: string };
  readonly gates?: Record<string, boolean>;
}

const NOW = 'NOW';

const patchErrors: Record<string, () => Error> = {
  quota: () => new StatusError({ code: 403, reason: 'QuotaExceeded', message: 'quota exceeded' }),
  forbidden: () => new StatusError({ code: 403, reason: 'Forbidden', message: 'forbidden' }),
  nsTerminating: () =>
    new StatusError({
      code: 403,
      reason: 'Forbidden',
      message: 'ns terminating',
      details: { causes: [{ reason: 'NamespaceTerminating' }] },
    }),
  other: () => new Error('boom'),
};

const emptyRecord = {
  affinityName: '',
  total: 0,
  refused: [],
  feasible: [],
  scores: [],
  answers: [],
  candidates: { names: [], score: [], overflowOrder: [], allocatable: [], available: [] },
  groups: [],
  selected: [],
  steps: [],
};

async function run(input: Input): Promise<Record<string, unknown>> {
  const calls: string[] = [];
  const patches: unknown[] = [];
  const events: string[] = [];
  const decided = await decide(input.binding, {
    terminating: new Set(input.clusters.flatMap(c => (c.metadata.deletionTimestamp ? [c.metadata.name ?? ''] : []))),
    gates: referenceGates(input.gates),
    cycle: async status => {
      const name = status.schedulerObservingAffinityName ?? '';
      calls.push(name);
      const script = input.algorithm[name] ?? {};
      if (script.error === undefined) return { clusters: script.clusters ?? [], record: emptyRecord };
      return { failure: new SchedulingFailure(script.kind ?? 'Error', script.error), record: emptyRecord };
    },
  });
  const writer: BindingWriter = {
    patch: async (body, subresource) => {
      patches.push({ target: subresource ?? 'binding', body });
      const wrong = patchErrors[(subresource ? input.patchErrors?.status : input.patchErrors?.spec) ?? ''];
      if (wrong) throw wrong();
    },
    event: (type, reason, message) => void events.push(`${type} ${reason} ${message}`),
    timestamp: () => NOW,
    generation: () => input.binding.metadata.generation ?? 0,
  };
  const error = await commit(input.binding, decided, writer);
  return {
    trigger: decided.trigger,
    calls,
    patches,
    events,
    queue: queueResultOf(error),
    ...(error ? { returned: error.message } : {}),
  };
}

/** The annotation as JSON, so that its spelling does not count. */
function parsedAnnotations(result: Record<string, unknown>): unknown {
  const copy = clone(result);
  for (const patch of listOf(copy['patches'])) {
    const body = isObject(patch) && isObject(patch['body']) ? patch['body'] : {};
    const metadata = isObject(body['metadata']) ? body['metadata'] : {};
    const annotations = isObject(metadata['annotations']) ? metadata['annotations'] : {};
    if (typeof annotations[APPLIED_PLACEMENT] === 'string') annotations[APPLIED_PLACEMENT] = JSON.parse(annotations[APPLIED_PLACEMENT]);
  }
  return copy;
}

export const suite: Suite = {
  async check(c) {
    const got = parsedAnnotations(await run(c.in as unknown as Input));
    const results = recorded(c).map(parsedAnnotations);
    if (results.some(result => equal(result, got))) return agree;
    return differ(got, results, listOf(c['tags']).includes('emptyList') ? 'empty lists are absent' : undefined);
  },
};
