// One function for each kind of overrider: from the object as it is now to the JSON patch that the overrider stands for (specification §3.2).
import { type AnyObject, at, isObject, listOf, stringOf } from '../../kube/index.ts';
import { type ImageOverrider, overrideImage } from './image.ts';
import type { PatchOperation } from './json-patch.ts';
import { podSpecPath, requireTyped } from './typed.ts';

export interface ContainerListOverrider {
  readonly containerName: string;
  readonly operator: string;
  readonly value?: readonly string[];
}

export interface MapOverrider {
  readonly operator: string;
  readonly value?: Readonly<Record<string, string>>;
}

/** The images of all containers, or of the place that the predicate names. */
export function imagePatch(object: AnyObject, overrider: ImageOverrider): PatchOperation[] {
  if (overrider.predicate) {
    const { path } = overrider.predicate;
    return [{ op: 'replace', path, value: overrideImage(imageAt(object, path), overrider) }];
  }
  return typedContainers(object).map(({ container, path }) => ({
    op: 'replace',
    path: `${path}/image`,
    value: overrideImage(stringOf(container['image']), overrider),
  }));
}

/** The command or the arguments of the containers of that name. */
export function containerListPatch(object: AnyObject, field: 'command' | 'args', overrider: ContainerListOverrider): PatchOperation[] {
  return looseContainers(object)
    .filter(({ container }) => container['name'] === overrider.containerName)
    .map(({ container, path }) => {
      const current = container[field];
      if (current !== undefined && !Array.isArray(current)) throw new Error(`${path}/${field} is not a list`);
      const value = changeList(listOf(current).map(printed), overrider);
      return { op: current === undefined ? 'add' : 'replace', path: `${path}/${field}`, value };
    });
}

/** Items that are no strings appear as the reference prints them. */
function printed(item: unknown): string {
  if (typeof item === 'string') return item;
  if (item === null) return '%!s(<nil>)';
  if (typeof item === 'number') return `%!s(${Number.isInteger(item) ? 'int64' : 'float64'}=${item})`;
  return typeof item === 'boolean' ? `%!s(bool=${item})` : JSON.stringify(item);
}

function changeList(current: readonly string[], { operator, value = [] }: ContainerListOverrider): readonly string[] {
  if (operator === 'add') return [...current, ...value];
  if (operator === 'remove') return current.filter(item => !value.includes(item));
  return current;
}

/** Labels or annotations: `add` makes the map where it is missing, the others leave absent keys alone. */
export function mapPatch(object: AnyObject, field: 'labels' | 'annotations', { operator, value = {} }: MapOverrider): PatchOperation[] {
  const current = at(object, 'metadata', field);
  const path = `/metadata/${field}`;
  const operations: PatchOperation[] = [];
  if (operator === 'add' && !isObject(current) && Object.keys(value).length > 0) operations.push({ op: 'add', path, value: {} });
  for (const [key, text] of Object.entries(value)) {
    if (operator !== 'add' && at(current, key) === undefined) continue;
    operations.push({ op: operator, path: `${path}/${key.replaceAll('/', '~1')}`, value: text });
  }
  return operations;
}

interface Container {
  readonly container: Record<string, unknown>;
  readonly path: string;
}

/** The containers of a workload that is well typed, none of other kinds. */
function typedContainers(object: AnyObject): Container[] {
  if (podSpecPath(object.kind)) requireTyped(object, object.kind);
  return looseContainers(object);
}

/** The containers of a workload, whatever else is in the object. */
function looseContainers(object: AnyObject): Container[] {
  const podSpec = podSpecPath(object.kind);
  if (!podSpec) return [];
  return listAt(object, [...podSpec, 'containers']).map((container, i) => ({
    container: isObject(container) ? container : {},
    path: `/${podSpec.join('/')}/containers/${i}`,
  }));
}

/** Throws where a step or the end has another type; a missing one is an empty list. */
function listAt(object: AnyObject, path: readonly string[]): readonly unknown[] {
  let value: unknown = object;
  for (const step of path) {
    if (!isObject(value)) throw retrieval(path, value);
    if (!Object.hasOwn(value, step)) return [];
    value = value[step];
  }
  if (!Array.isArray(value)) throw retrieval(path, value);
  return value;
}

const retrieval = (path: readonly string[], value: unknown): Error =>
  new Error(`failed to retrieves path(${path.join('/')}) from rawObj, error: ${JSON.stringify(value)} has the wrong type`);

/** Segments are taken as they are, without unescaping. */
function imageAt(object: AnyObject, path: string): string {
  const fail = (why: string): never => {
    throw new Error(`failed to obtain imageValue with predicate path(${path}), error: ${why}`);
  };
  let value: unknown = object;
  let name = '';
  for (const segment of path.replace(/^\//, '').split('/')) {
    if (isObject(value)) value = Object.hasOwn(value, segment) ? value[segment] : undefined;
    else if (Array.isArray(value)) {
      if (!/^[+-]?\d+$/.test(segment)) return fail(`path(${segment}) of rawObj's is not number`);
      value = value[Number(segment)];
    } else return fail(`path(${name}) of rawObj's type is not map[string]interface{} and []interface{}`);
    name = segment;
  }
  if (typeof value !== 'string') return fail(`failed to convert path(${name}) to string`);
  if (!path.startsWith('/')) throw new Error('imagePath should be start with / character');
  return value;
}
