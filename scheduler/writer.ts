// Writes about one binding through the hub: merge patches, and events about it and about the resource it stands for.
import { clusterResourceBindings, resourceBindings } from '../crds/index.ts';
import { applyMergePatch, type Client, type Clock, type EventRecorder, equal, keyOf, type Resource, timestamp } from '../kube/index.ts';
import type { BindingWriter } from './commit.ts';
import type { Binding, ResourceReference } from './types.ts';

export interface WriterOptions {
  readonly hub: Client;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly signal: AbortSignal;
  /** Hears of the server's answer to each write. */
  onWritten(binding: Binding): void;
}

/** The resource of a binding: scope tells. */
function bindingResource(binding: Binding): Resource<Binding> {
  return binding.metadata.namespace ? resourceBindings : clusterResourceBindings;
}

/** The template that a binding stands for, as the subject of events. */
export function templateOf({ apiVersion, kind, namespace, name, uid }: ResourceReference) {
  return { apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}), ...(uid ? { uid } : {}) } };
}

export function bindingWriter(binding: Binding, o: WriterOptions): BindingWriter {
  const r = bindingResource(binding);
  const subject = { apiVersion: `${r.group}/${r.version}`, kind: r.kind, metadata: binding.metadata };
  let { generation = 0 } = binding.metadata;
  return {
    async patch(body, subresource) {
      const options = { signal: o.signal, ...(subresource ? { subresource } : {}) };
      const written = await o.hub.patch(r, keyOf(binding), { type: 'merge', body }, options);
      if (!subresource && isOursAlone(written, binding, body['spec'] ?? {})) generation = written.metadata.generation ?? 0;
      o.onWritten(written);
    },
    generation: () => generation,
    event(type, reason, message) {
      o.events.event(subject, type, reason, message);
      o.events.event(templateOf(binding.spec.resource), type, reason, message);
    },
    timestamp: () => timestamp(o.clock.now()),
  };
}

/** Whether the spec is the one that was decided upon, with nothing but our patch. */
const isOursAlone = ({ metadata, spec }: Binding, old: Binding, patch: unknown): boolean =>
  metadata.uid === old.metadata.uid && equal(spec, applyMergePatch(old.spec, patch));
