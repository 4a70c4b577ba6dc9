// Paths and operations: which verbs a resource has, and the query parameters clients look for before they send them.
import { type ApiResource, type Dialect, groupVersionPath, type JsonSchema, reference } from './resource.ts';

const ITEM_VERBS: readonly (readonly [method: string, verb: string])[] = [
  ['get', 'get'],
  ['put', 'update'],
  ['patch', 'patch'],
  ['delete', 'delete'],
];
const COLLECTION_VERBS: readonly (readonly [method: string, verb: string])[] = [
  ['get', 'list'],
  ['post', 'create'],
  ['delete', 'deletecollection'],
];
const ACTIONS: Readonly<Record<string, string>> = { create: 'post', update: 'put' };
const WRITE = ['dryRun', 'fieldManager', 'fieldValidation'];
const LIST = [
  'allowWatchBookmarks',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeoutSeconds',
  'watch',
];
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  create: WRITE,
  update: WRITE,
  patch: [...WRITE, 'force'],
  delete: ['dryRun', 'gracePeriodSeconds', 'orphanDependents', 'propagationPolicy'],
  deletecollection: ['dryRun', ...LIST],
  list: LIST,
  get: [],
};
const TYPES: Readonly<Record<string, string>> = {
  force: 'boolean',
  watch: 'boolean',
  allowWatchBookmarks: 'boolean',
  sendInitialEvents: 'boolean',
  orphanDependents: 'boolean',
  limit: 'integer',
  timeoutSeconds: 'integer',
  gracePeriodSeconds: 'integer',
};

/** All paths of a resource; `definition` is the name of its kind's definition. */
export function resourcePaths(r: ApiResource, definition: string | undefined, dialect: Dialect): [path: string, item: JsonSchema][] {
  const base = `/${groupVersionPath(r)}${r.namespaced ? '/namespaces/{namespace}' : ''}/${r.plural}`;
  const context: Context = { r, definition, dialect };
  const paths: [string, JsonSchema][] = [[base, pathItem(context, COLLECTION_VERBS, '')]];
  if (r.namespaced && r.verbs.includes('list'))
    paths.push([`/${groupVersionPath(r)}/${r.plural}`, pathItem(context, [['get', 'list']], 'ForAllNamespaces')]);
  paths.push([`${base}/{name}`, pathItem(context, ITEM_VERBS, '')]);
  for (const sub of r.subresources) paths.push([`${base}/{name}/${sub}`, pathItem(context, ITEM_VERBS.slice(0, 3), capital(sub))]);
  return paths.filter(([, item]) => Object.keys(item).length > 0);
}

interface Context {
  readonly r: ApiResource;
  readonly definition: string | undefined;
  readonly dialect: Dialect;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function pathItem(c: Context, verbs: readonly (readonly [string, string])[], suffix: string): JsonSchema {
  const item: JsonSchema = {};
  for (const [method, verb] of verbs) if (c.r.verbs.includes(verb)) item[method] = operation(c, verb, suffix);
  return item;
}

function operation(c: Context, verb: string, suffix: string): JsonSchema {
  const { group, version, kind } = c.r;
  const groupName = group ? capital(group.replace(/\.k8s\.io$/, '').replaceAll('.', '')) : 'Core';
  const names = (PARAMETERS[verb] ?? []).map(name => parameter(name, c.dialect));
  const body = ['create', 'update', 'patch'].includes(verb);
  return {
    operationId: `${verb}${groupName}${capital(version)}${c.r.namespaced ? 'Namespaced' : ''}${kind}${suffix}`,
    parameters: body && c.dialect === 'v2' ? [{ name: 'body', in: 'body', required: true, schema: bodySchema(c, verb) }, ...names] : names,
    ...(body && c.dialect === 'v3'
      ? { requestBody: { content: { 'application/json': { schema: bodySchema(c, verb) } }, required: true } }
      : {}),
    responses: { '200': response(c) },
    'x-kubernetes-action': ACTIONS[verb] ?? verb,
    'x-kubernetes-group-version-kind': { group, kind, version },
  };
}

function bodySchema(c: Context, verb: string): JsonSchema {
  return verb === 'patch' || !c.definition ? { type: 'object' } : { $ref: reference(c.definition, c.dialect) };
}

function response(c: Context): JsonSchema {
  if (!c.definition) return { description: 'OK' };
  const schema = { $ref: reference(c.definition, c.dialect) };
  return c.dialect === 'v2' ? { description: 'OK', schema } : { description: 'OK', content: { 'application/json': { schema } } };
}

function parameter(name: string, dialect: Dialect): JsonSchema {
  const type = TYPES[name] ?? 'string';
  return dialect === 'v2' ? { name, in: 'query', type, uniqueItems: true } : { name, in: 'query', schema: { type, uniqueItems: true } };
}
