// The status that users see on their own object: the sum of what the members report, as the interpreter of the kind adds it up.
import type { AggregatedStatusItem } from '../../crds/index.ts';
import type { InterpreterLayer } from '../../interpreter/index.ts';
import { type AnyObject, type Client, type Clock, equal, type ObjectKey, type Resource } from '../../kube/index.ts';
import { updateFresh } from '../writing.ts';

export interface TemplateStatusOptions {
  readonly hub: Client;
  readonly clock: Clock;
  readonly interpreters: InterpreterLayer;
}

export interface TemplateStatus {
  readonly resource: Resource;
  readonly key: ObjectKey;
  readonly items: readonly AggregatedStatusItem[];
}

/** The template after the write; undefined where nothing was to write. */
export async function writeTemplateStatus(
  t: TemplateStatus,
  o: TemplateStatusOptions,
  signal: AbortSignal,
): Promise<AnyObject | undefined> {
  const apiVersion = t.resource.group ? `${t.resource.group}/${t.resource.version}` : t.resource.version;
  const aggregate = o.interpreters.interpreterFor(apiVersion, t.resource.kind)?.aggregate;
  if (!aggregate) return undefined;
  const live = await o.hub.get(t.resource, t.key, { signal });
  const summed = await aggregate(live, t.items, signal);
  if (equal(summed['status'], live['status'])) return undefined;
  const change = (present: AnyObject): AnyObject =>
    present.metadata.resourceVersion === live.metadata.resourceVersion ? summed : { ...present, status: summed['status'] };
  const target = { client: o.hub, clock: o.clock, resource: t.resource };
  return (await updateFresh(target, t.key, { cached: live, change, subresource: 'status' }, signal))?.object;
}
