// Lists and maps that were sent empty. Canonical form leaves them out, as the wire does; but the reference still has them while it
// judges the object, and so defaults and the texts of refusals tell them from absent ones.

const notes = new WeakMap<object, Map<string, unknown>>();

/** Takes note that `o[key]` was the empty list or map `value` and is left out now. */
export function noteEmptied(o: object, key: string, value: unknown): void {
  const known = notes.get(o);
  if (known) known.set(key, value);
  else notes.set(o, new Map([[key, value]]));
}

/** The value of a field, also where it was sent empty; null where it was not sent. */
export function given(o: Readonly<Record<string, unknown>>, key: string): unknown {
  return o[key] ?? notes.get(o)?.get(key) ?? null;
}

/** The object with its own fields that were sent empty as they were sent; its parts are shared. */
export function asSent<T extends Readonly<Record<string, unknown>>>(o: T): T {
  const sent = [...(notes.get(o) ?? [])].filter(([key]) => o[key] === null);
  return sent.length === 0 ? o : { ...o, ...Object.fromEntries(sent) };
}

/** A copy with some fields changed, which still knows what was sent empty. */
export function changed(o: Readonly<Record<string, unknown>>, fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const copy = { ...o, ...fields };
  const known = notes.get(o);
  if (known) notes.set(copy, new Map([...known].filter(([key]) => !Object.hasOwn(fields, key))));
  return copy;
}
