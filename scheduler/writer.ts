// Writes about one binding through the hub: merge patches, and events about it and about the resource it stands for.
import { clusterResourceBindings, resourceBindings } from '../crds/index.ts';
import { type Client, type Clock, type EventRecorder, keyOf, type Resource, timestamp } from '../kube/index.ts';
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
  return {
    async patch(body, subresource) {
      const options = { signal: o.signal, ...(subresource ? { subresource } : {}) };
      o.onWritten(await o.hub.patch(r, keyOf(binding), { type: 'merge', body }, options));
    },
    event(type, reason, message) {
      o.events.event(subject, type, reason, message);
      o.events.event(templateOf(binding.spec.resource), type, reason, message);
    },
    timestamp: () => timestamp(o.clock.now()),
  };
}
