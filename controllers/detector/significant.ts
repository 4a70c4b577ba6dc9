// Which changes of a template count (specification §1.1 and §1.6): not the status, not what the server counts; for lazy policies not our own marks either.
import { labels } from '../../crds/index.ts';
import { type AnyObject, equal, type ObjectMeta } from '../../kube/index.ts';

/** Whether something changed that policies care about. */
export function isSignificant(old: AnyObject, now: AnyObject): boolean {
  return !equal(relevant(old), relevant(now));
}

/** Whether the change is nothing but marks that the control plane puts on templates. */
export function isOurOwnChange(old: AnyObject, now: AnyObject): boolean {
  return equal(withoutMarks(relevant(old)), withoutMarks(relevant(now)));
}

function relevant({ status: _, ...object }: AnyObject): AnyObject {
  const { managedFields: __, resourceVersion: ___, ...metadata } = object.metadata;
  return { ...object, metadata } as AnyObject;
}

function withoutMarks(object: AnyObject): AnyObject {
  const { generation: _, labels: l, annotations, ...metadata } = object.metadata;
  const rest: ObjectMeta = { ...metadata, labels: users(l), annotations: users(annotations) };
  return { ...object, metadata: rest };
}

function users(map: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !key.includes('.karmada.io') || key === labels.skipAutoPropagation));
}
