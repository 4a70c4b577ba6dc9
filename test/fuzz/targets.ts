// What is fuzzed: each target takes one generated input and throws where the server or a parser did what it never may.
import fc from 'fast-check';
import { compileExpression } from '../../apiserver/cel/expression.ts';
import { DYN } from '../../apiserver/cel/types.ts';
import { fromJson } from '../../apiserver/cel/values.ts';
import { requestInfo } from '../../apiserver/http/request-info.ts';
import { memoryServer } from '../../apiserver/memory-server.ts';
import {
  builtinType,
  decodeBody,
  encodeProtobuf,
  isStatusError,
  type Logger,
  parseFieldSelector,
  parseLabelSelector,
  patchJson,
  patchMerge,
  patchStrategic,
  scanJson,
  silent,
  yamlToJson,
} from '../../kube/index.ts';
import { Http, type HttpRequest } from '../conformance/http.ts';
import { BOMBS, type Bomb, OBJECT_BOMBS } from './bombs.ts';
import { bytes, cel, damaged, json, jsonObject, schema, selector, url } from './generators.ts';

/** A target may take this much processor time for one input. */
const MAX_CPU_MS = 3000;

export interface Target {
  readonly name: string;
  /** Resolves when time is up; rejects with what was found, shrunk. */
  run(o: { readonly seconds: number; readonly seed: number }): Promise<void>;
}

export interface FuzzServer {
  readonly http: Http;
  /** Failures that the server did not expect: taken out by the call. */
  faults(): string[];
  close(): Promise<void>;
}

export async function fuzzServer(): Promise<FuzzServer> {
  let faults: string[] = [];
  const log: Logger = { ...silent, error: (data, message) => faults.push(`${message}: ${JSON.stringify(data)}`) };
  const server = await memoryServer({ log });
  const { port } = await server.listen();
  const admin = await server.certificate('system:admin', 'system:masters');
  const http = new Http({ server: `https://127.0.0.1:${port}`, ca: server.pki.caCert, ...admin });
  const namespace = '/api/v1/namespaces/default';
  await http.send('POST', `${namespace}/configmaps`, { body: { metadata: { name: 'target' }, data: { k: 'v' } } });
  return {
    http,
    faults() {
      const seen = faults;
      faults = [];
      return seen;
    },
    async close() {
      http.close();
      await server.close();
    },
  };
}

const POLLUTED = ['polluted', 'k', 'name', 'spec'] as const;

function checkPrototype(): void {
  const found = [...Object.keys(Object.prototype), ...POLLUTED.filter(name => name in {})];
  if (found.length > 0) throw new Error(`Object.prototype has ${found.join(', ')}`);
}

async function timed<T>(work: () => Promise<T> | T): Promise<T> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  const ms = (user + system) / 1000;
  if (ms > MAX_CPU_MS) throw new Error(`it took ${Math.round(ms)} ms of processor time`);
  return result;
}

/** A parser may refuse, with an error made for it; it may not fail in another way. */
function refusable(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    const made =
      isStatusError(error) ||
      (error instanceof Error && !['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'].includes(error.name));
    if (!made) throw error;
  }
}

function target<T>(name: string, arbitrary: fc.Arbitrary<T>, check: (input: T) => Promise<void> | void): Target {
  return {
    name,
    async run({ seconds, seed }) {
      const property = fc.asyncProperty(arbitrary, async input => {
        await timed(() => check(input));
        checkPrototype();
      });
      await fc.assert(property, {
        seed,
        numRuns: 10_000_000,
        interruptAfterTimeLimit: seconds * 1000,
        markInterruptAsFailure: false,
        ignoreEqualValues: true,
      });
    },
  };
}

const text = damaged(json.map(value => JSON.stringify(value) ?? 'null'));
const deployment = builtinType('apps/v1', 'Deployment');

export const parserTargets: readonly Target[] = [
  target('selectors', selector, s => {
    refusable(() => parseLabelSelector(s));
    refusable(() => parseFieldSelector(s));
  }),
  target('urls', url, u => refusable(() => requestInfo('GET', u))),
  target('JSON text', text, t => refusable(() => scanJson(t))),
  target('YAML text', text, t => refusable(() => yamlToJson(t.replaceAll(/["{}]/g, ch => (ch === '"' ? '' : ch))))),
  target('bodies', fc.tuple(text, fc.constantFrom('application/json', 'application/yaml')), ([t, type]) =>
    refusable(() => decodeBody(Buffer.from(t), type, { apiVersion: 'apps/v1', kind: 'Deployment' })),
  ),
  target('protobuf bodies', bytes(jsonObject.map(valid)), b =>
    refusable(() => decodeBody(b, 'application/vnd.kubernetes.protobuf', { apiVersion: 'v1', kind: 'ConfigMap' })),
  ),
  target('CEL', cel, source =>
    refusable(() => {
      const types = new Map(['self', 'oldSelf', 'x'].map(name => [name, DYN]));
      const expression = compileExpression(source, types);
      const self = fromJson({ name: 'n', size: 3, list: [1, 'a', null, [2]], map: { a: 1 }, metadata: { name: 'm' } });
      const variables = new Map<string, unknown>([...types.keys()].map(name => [name, self]));
      expression.run({ variables, budget: { left: 1_000_000 } });
    }),
  ),
  target(
    'patches',
    fc.tuple(
      jsonObject,
      fc.oneof(
        text,
        jsonObject.map(o => JSON.stringify(o)),
        fc.array(operation()).map(o => JSON.stringify(o)),
      ),
    ),
    ([doc, patch]) => {
      const o = { fieldValidation: 'Warn' } as const;
      refusable(() => patchJson(doc, patch, o));
      refusable(() => patchMerge(doc, patch, o));
      if (deployment) refusable(() => patchStrategic(doc as never, patch, { ...o, type: deployment }));
    },
  ),
];

/** A protobuf body of a config map with whatever texts the input has. */
function valid(input: Record<string, unknown>): Uint8Array {
  const data = Object.fromEntries(Object.entries(input).map(([k, v]) => [k, String(JSON.stringify(v))]));
  return encodeProtobuf({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', labels: data }, data });
}

function operation(): fc.Arbitrary<object> {
  const pointer = fc
    .array(fc.constantFrom('metadata', 'data', '__proto__', 'constructor', '0', '-', '-1', '~0', '~', 'spec'), { maxLength: 4 })
    .map(p => p.map(s => `/${s}`).join(''));
  return fc.record(
    { op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'x'), path: pointer, from: pointer, value: json },
    { requiredKeys: ['op', 'path'] },
  );
}

/** Requests to a whole server. */
export function serverTargets(server: FuzzServer): readonly Target[] {
  const send = async (method: string, path: string, o: HttpRequest): Promise<number> => {
    const answer = await server.http.send(method, path, o);
    const faults = server.faults();
    if (faults.length > 0) throw new Error(`${method} ${path}: ${faults.join('; ')}`);
    return answer.status;
  };
  const typed = (type: string, body: string): HttpRequest => ({ body, headers: { 'Content-Type': type } });
  let definitions = 0;
  const MAP = '/api/v1/namespaces/default/configmaps/target';
  const bodyOf = (o: Record<string, unknown>): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      ...o,
      metadata: { ...(typeof o['metadata'] === 'object' ? o['metadata'] : {}), name: 'target' },
    });
  return [
    target(
      'requests',
      fc.tuple(fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'HEAD', 'OPTIONS'), url, text),
      async ([method, path, body]) => {
        await send(method, path, method === 'GET' || method === 'HEAD' ? {} : typed('application/json', body));
      },
    ),
    target(
      'patches of an object',
      fc.tuple(
        fc.constantFrom('json-patch+json', 'merge-patch+json', 'strategic-merge-patch+json', 'apply-patch+yaml'),
        fc.oneof(
          jsonObject.map(bodyOf),
          fc.array(operation()).map(o => JSON.stringify(o)),
          text,
        ),
      ),
      async ([type, body]) => {
        await send('PATCH', `${MAP}?fieldManager=fuzz&dryRun=All`, typed(`application/${type}`, body));
      },
    ),
    target('workloads', jsonObject, async o => {
      const body = JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, ...o });
      await send('POST', '/apis/apps/v1/namespaces/default/deployments?dryRun=All', typed('application/json', body));
    }),
    target('definitions', fc.tuple(schema, json), async ([given, object]) => {
      // A new group each time: a definition that is being deleted is in the way of the next.
      const group = `g${definitions++}.example.com`;
      const versions = [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec: given } } } },
      ];
      const crd = {
        metadata: { name: `fuzzes.${group}` },
        spec: { group, scope: 'Cluster', names: { plural: 'fuzzes', kind: 'Fuzz' }, versions },
      };
      const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
      if ((await send('POST', path, { body: crd })) !== 201) return;
      const body = { apiVersion: `${group}/v1`, kind: 'Fuzz', metadata: { name: 'f' }, spec: object };
      await send('POST', `/apis/${group}/v1/fuzzes`, { body });
      await send('PUT', `/apis/${group}/v1/fuzzes/f`, { body });
      await send('GET', `/openapi/v3/apis/${group}/v1`, {});
      await send('DELETE', `${path}/fuzzes.${group}`, {});
    }),
  ];
}

/** Sends each bomb once; what is wrong with the answers. */
export async function bombFaults(server: FuzzServer): Promise<string[]> {
  const wrong: string[] = [];
  const drop = async (bomb: Bomb): Promise<void> => {
    try {
      const headers = bomb.type ? { 'Content-Type': bomb.type } : {};
      const answer = await timed(() =>
        server.http.send(bomb.method, bomb.path, { ...(bomb.body === undefined ? {} : { body: bomb.body }), headers }),
      );
      if (!bomb.codes.includes(answer.status)) wrong.push(`${bomb.name}: ${answer.status} ${answer.text.slice(0, 300)}`);
    } catch (error) {
      wrong.push(`${bomb.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    for (const fault of server.faults()) wrong.push(`${bomb.name}: ${fault.slice(0, 500)}`);
  };
  for (const bomb of [...BOMBS, ...OBJECT_BOMBS]) await drop(bomb);
  checkPrototype();
  return wrong;
}
