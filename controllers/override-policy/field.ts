// Field overriders: a string field that holds a JSON or YAML document is parsed, patched and written back as a string.

import type { Overriders } from '../../crds/index.ts';
import { type AnyObject, clone } from '../../kube/index.ts';
import { type PatchOperation, patchText } from './json-patch.ts';
import { resolvePointer, setAtPointer } from './pointer.ts';
import { jsonToYaml, yamlToJson } from './yaml-text.ts';

export type FieldOverrider = NonNullable<Overriders['fieldOverrider']>[number];
type SubPatch = NonNullable<FieldOverrider['json']>[number];

/** YAML wins where both lists are given; with neither the field becomes empty. */
export function applyFieldOverrider(object: AnyObject, { fieldPath, json = [], yaml = [] }: FieldOverrider): AnyObject {
  const text = resolvePointer(object, fieldPath);
  if (typeof text !== 'string') throw new Error(`Get object's value by overrider's path(${fieldPath}) is not string`);
  const result = yaml.length > 0 ? patchYaml(text, yaml) : json.length > 0 ? patchText(text, operations(json)) : '';
  const changed = clone(object);
  setAtPointer(changed, fieldPath, result);
  return changed;
}

const patchYaml = (text: string, patches: readonly SubPatch[]): string => jsonToYaml(patchText(yamlToJson(text), operations(patches)));

const operations = (patches: readonly SubPatch[]): PatchOperation[] =>
  patches.map(({ subPath, operator, value }) => ({ op: operator, path: subPath, value }));
