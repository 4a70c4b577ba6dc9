// kubectl's client-side apply keeps what it applied in an annotation. Whoever changes to server-side apply as `kubectl` keeps what that
// annotation shows to be theirs, and the annotation follows, so that going back works too.
import { appliedSet, at, compare, difference, type FieldSet, has, isObject, type MapSchema, union } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import type { Conflict } from './owners.ts';
import type { Plain } from './versions.ts';

const ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';
const MAX_ANNOTATIONS = 256 * 1024;
const KUBECTL = 'kubectl';

const annotationOf = (object: Plain): string | undefined => {
  const text = at(object, 'metadata', 'annotations', ANNOTATION);
  return typeof text === 'string' && text !== '' ? text : undefined;
};

/** The conflicts that remain when `manager` may take over what it once applied from the client's side; all of them for other managers. */
export function unexcused(conflicts: readonly Conflict[], o: { manager: string; live: Plain; schema: MapSchema }): readonly Conflict[] {
  const text = o.manager === KUBECTL ? annotationOf(o.live) : undefined;
  const mine = text === undefined ? undefined : appliedBefore(text, o.live, o.schema);
  return mine ? conflicts.filter(c => !has(mine, c.path)) : conflicts;
}

/** The fields of the annotation that the object still has as they were applied. */
function appliedBefore(text: string, live: Plain, schema: MapSchema): FieldSet | undefined {
  let last: unknown;
  try {
    last = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(last) || last['apiVersion'] !== live['apiVersion']) return undefined;
  const { added, modified, removed } = compare(schema, last, live);
  return difference(appliedSet(schema, last), union(union(added, modified), removed));
}

/** Writes what `kubectl` applied into the annotation, where there is one. */
export function keepAnnotation(manager: string, object: MutableObject, config: Plain): void {
  const annotations = at(object, 'metadata', 'annotations');
  if (manager !== KUBECTL || annotationOf(object) === undefined || !isObject(annotations)) return;
  annotations[ANNOTATION] = `${sortedText(bare(config))}\n`;
  const size = Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(String(value)),
    0,
  );
  if (size > MAX_ANNOTATIONS) delete annotations[ANNOTATION];
}

/** The configuration without the annotation itself. */
function bare(config: Plain): unknown {
  const { metadata } = config;
  if (!isObject(metadata) || !isObject(metadata['annotations'])) return config;
  const { [ANNOTATION]: _, ...annotations } = metadata['annotations'];
  return { ...config, metadata: { ...metadata, annotations } };
}

/** JSON with the keys of objects sorted, and what HTML would read escaped. */
function sortedText(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  ).replace(/[<>&\u2028\u2029]/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
