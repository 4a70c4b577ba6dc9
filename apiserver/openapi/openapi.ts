// OpenAPI documents: one per group version for version 3, one of everything for version 2. Each is built when first asked for,
// in slices that leave the main thread to others, and kept until a new set of resources takes its place.
import { createHash } from 'node:crypto';
import type { CustomKind } from '../crd/custom-kind.ts';
import { BuiltinSchemas, definitionName } from './builtin-schemas.ts';
import { customDefinitions, customName } from './custom-schemas.ts';
import { encodeDefinition, encodeDocument, encodePath } from './gnostic.ts';
import { resourcePaths } from './paths.ts';
import { type ApiResource, customResource, type Dialect, groupVersionPath, type JsonSchema } from './resource.ts';

export interface Document {
  readonly bytes: Buffer;
  /** SHA-512 of the bytes, in upper-case hex. */
  readonly hash: string;
}

export interface OpenApiOptions {
  readonly builtin: readonly ApiResource[];
  readonly custom: readonly CustomKind[];
  /** info.version of the documents. */
  readonly version: string;
}

export interface OpenApi {
  /** The body of /openapi/v3. */
  v3Index(): Promise<Document>;
  /** The document of `apis/apps/v1`; undefined for a group version that is not served. */
  v3(groupVersion: string): Promise<Document | undefined>;
  v2Json(): Promise<Document>;
  v2Proto(): Promise<Document>;
}

const TITLE = 'Kubernetes';
const SLICE_MS = 8;
const META = ['ObjectMeta', 'ListMeta', 'Status', 'DeleteOptions'].map(n => `apimachinery.pkg.apis.meta.v1.${n}`);

/** Documents of a set of resources. Make a new one when the set changes. */
export function openapi(o: OpenApiOptions): OpenApi {
  const resources = [...o.builtin, ...o.custom.filter(c => c.served).map(customResource)];
  const byVersion = grouped(resources);
  const made = new Map<string, Promise<Document>>();
  const once = (key: string, make: () => Promise<Buffer>): Promise<Document> => {
    const known = made.get(key) ?? make().then(documentOf);
    made.set(key, known);
    return known;
  };
  const v3 = async (gv: string): Promise<Document | undefined> => {
    const members = byVersion.get(gv);
    return members && once(gv, () => buildV3(members, o.version));
  };
  return {
    v3,
    v3Index: () =>
      once('', async () => {
        const paths: Record<string, unknown> = {};
        for (const gv of [...byVersion.keys()].sort()) {
          const document = await v3(gv);
          paths[gv] = { serverRelativeURL: `/openapi/v3/${gv}?hash=${document?.hash ?? ''}` };
        }
        return Buffer.from(JSON.stringify({ paths }));
      }),
    v2Json: () => once('v2 json', () => buildV2Json(resources, o.version)),
    v2Proto: () => once('v2 proto', () => buildV2Proto(resources, o.version)),
  };
}

function grouped(resources: readonly ApiResource[]): Map<string, ApiResource[]> {
  const groups = new Map<string, ApiResource[]>();
  for (const r of resources) {
    const key = groupVersionPath(r);
    groups.set(key, [...(groups.get(key) ?? []), r]);
  }
  return groups;
}

const documentOf = (bytes: Buffer): Document => ({ bytes, hash: createHash('sha512').update(bytes).digest('hex').toUpperCase() });

/** Lets others run when the slice is over. */
class Slices {
  #since = performance.now();
  async rest(): Promise<void> {
    if (performance.now() - this.#since < SLICE_MS) return;
    await new Promise<void>(resolve => setImmediate(resolve));
    this.#since = performance.now();
  }
}

interface Parts {
  readonly definitions: ReadonlyMap<string, JsonSchema>;
  readonly paths: readonly (readonly [string, JsonSchema])[];
}

async function collect(resources: readonly ApiResource[], dialect: Dialect, slices: Slices): Promise<Parts> {
  const builtin = new BuiltinSchemas(dialect);
  const custom = new Map<string, JsonSchema>();
  const paths: [string, JsonSchema][] = [];
  for (const message of META) builtin.addMessage(message);
  for (const r of resources) {
    if (r.custom) for (const [name, schema] of customDefinitions(r.custom, dialect)) custom.set(name, schema);
    const definition = r.custom ? customName(r.custom) : builtin.addKind(r);
    paths.push(...resourcePaths(r, definition, dialect));
    await slices.rest();
  }
  tagStatus(builtin);
  return { definitions: new Map([...builtin.definitions, ...custom].sort(([a], [b]) => (a < b ? -1 : 1))), paths };
}

/** Status belongs to the core group wherever it is published. */
function tagStatus(builtin: BuiltinSchemas): void {
  const status = builtin.definitions.get(definitionName('apimachinery.pkg.apis.meta.v1.Status'));
  if (status) status['x-kubernetes-group-version-kind'] = [{ group: '', kind: 'Status', version: 'v1' }];
}

/** `"key":value,…` in pieces, so that no single step is long. */
async function members(entries: Iterable<readonly [string, unknown]>, slices: Slices): Promise<string> {
  const pieces: string[] = [];
  for (const [key, value] of entries) {
    pieces.push(`${JSON.stringify(key)}:${JSON.stringify(value)}`);
    await slices.rest();
  }
  return pieces.join(',');
}

async function buildV3(resources: readonly ApiResource[], version: string): Promise<Buffer> {
  const slices = new Slices();
  const { definitions, paths } = await collect(resources, 'v3', slices);
  const info = JSON.stringify({ title: TITLE, version });
  const schemas = await members(definitions, slices);
  return Buffer.from(`{"openapi":"3.0.0","info":${info},"paths":{${await members(paths, slices)}},"components":{"schemas":{${schemas}}}}`);
}

async function buildV2Json(resources: readonly ApiResource[], version: string): Promise<Buffer> {
  const slices = new Slices();
  const { definitions, paths } = await collect(resources, 'v2', slices);
  const info = JSON.stringify({ title: TITLE, version });
  return Buffer.from(
    `{"swagger":"2.0","info":${info},"paths":{${await members(paths, slices)}},"definitions":{${await members(definitions, slices)}}}`,
  );
}

async function buildV2Proto(resources: readonly ApiResource[], version: string): Promise<Buffer> {
  const slices = new Slices();
  const { definitions, paths } = await collect(resources, 'v2', slices);
  const encode = async (
    entries: Iterable<readonly [string, JsonSchema]>,
    f: (name: string, value: JsonSchema) => Buffer,
  ): Promise<Buffer[]> => {
    const made: Buffer[] = [];
    for (const [name, value] of entries) {
      made.push(f(name, value));
      await slices.rest();
    }
    return made;
  };
  return encodeDocument({
    title: TITLE,
    version,
    paths: await encode(paths, encodePath),
    definitions: await encode(definitions, encodeDefinition),
  });
}
