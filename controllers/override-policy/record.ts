// How applied overriders are written on a Work: JSON with a fixed order of fields, the same for equal overriders.
import type { Overriders } from '../../crds/index.ts';
import { printNode } from './json-text.ts';

/** The overriders as the reference's types hold them: an empty image value is absent, a patch value is always there. */
export function recorded(o: Overriders): Overriders {
  const list = <K extends keyof Overriders, V>(key: K, items: readonly V[] | undefined, each: (item: V) => unknown): [K, unknown][] =>
    items ? [[key, items.map(each)]] : [];
  return Object.fromEntries([
    ...list('plaintext', o.plaintext, ({ path, operator, value }) => ({ path, operator, value: value ?? null })),
    ...list('imageOverrider', o.imageOverrider, ({ predicate, component, operator, value }) => ({
      ...(predicate ? { predicate } : {}),
      component,
      operator,
      ...(value ? { value } : {}),
    })),
    ...list('commandOverrider', o.commandOverrider, containerList),
    ...list('argsOverrider', o.argsOverrider, containerList),
    ...list('labelsOverrider', o.labelsOverrider, ({ operator, value }) => ({ operator, value: sorted(value) })),
    ...list('annotationsOverrider', o.annotationsOverrider, ({ operator, value }) => ({ operator, value: sorted(value) })),
    ...list('fieldOverrider', o.fieldOverrider, ({ fieldPath, json, yaml }) => ({
      fieldPath,
      ...(json?.length ? { json: json.map(subPatch) } : {}),
      ...(yaml?.length ? { yaml: yaml.map(subPatch) } : {}),
    })),
  ]) as Overriders;
}

const containerList = (o: { containerName: string; operator: string; value?: readonly string[] }): unknown => ({
  containerName: o.containerName,
  operator: o.operator,
  ...(o.value?.length ? { value: o.value } : {}),
});

const subPatch = (o: { subPath: string; operator: string; value?: unknown }): unknown => ({
  subPath: o.subPath,
  operator: o.operator,
  value: o.value ?? null,
});

const sorted = (map: Readonly<Record<string, string>> | undefined): Record<string, string> | null =>
  map ? Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))) : null;

/** The value of the annotation; undefined where nothing was applied. */
export function recordText(applied: readonly { readonly policyName: string; readonly overriders: Overriders }[]): string | undefined {
  return applied.length > 0 ? printNode({ text: JSON.stringify(applied) }) : undefined;
}
