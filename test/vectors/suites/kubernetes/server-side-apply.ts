// Objects that several managers apply, update and patch in turn, with what each of them owns after every step.
import { at, equal, isObject, stringOf } from '../../../../kube/index.ts';
import { agree, differ, type Suite } from '../../suite.ts';
import { type Answer, type RequestServer, requestServer } from './request-server.ts';

type Plain = Record<string, unknown>;

interface Step {
  readonly op: 'apply' | 'update' | 'patch';
  readonly manager: string;
  readonly sub?: string;
  readonly query?: string;
  readonly type?: string;
  readonly body: unknown;
}

let server: RequestServer | undefined;

const FREE = ['uid', 'creationTimestamp', 'resourceVersion', 'selfLink'];
const GIVEN = /^(clusterIPs?|nodePort|healthCheckNodePort)$/;

/** The identity of an entry, to compare entries as a set. */
const identity = (e: Plain): string => ['manager', 'operation', 'apiVersion', 'subresource'].map(k => stringOf(e[k])).join('|');

function entries(value: unknown): Plain[] {
  const list = Array.isArray(value) ? (value as Plain[]) : [];
  return list
    .map(({ time: _, ...entry }) => entry)
    .sort((a, b) => compareText(identity(a) + JSON.stringify(a), identity(b) + JSON.stringify(b)));
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function tidy(value: unknown, key = ''): unknown {
  if (GIVEN.test(key) && value !== 'None') return '<given>';
  if (typeof value === 'string') return value.replace(/ at (<time>|\d{4}-\S+Z)/g, ' at <time>');
  if (Array.isArray(value)) return value.map(v => tidy(v));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([k, inner]) => [k, tidy(inner, k)]));
}

function tidyObject(body: unknown): unknown {
  if (!isObject(body) || !isObject(body['metadata'])) return tidy(body);
  const { managedFields, ...meta } = body['metadata'];
  for (const key of FREE) delete meta[key];
  const kept = managedFields === undefined ? {} : { managedFields: entries(managedFields) };
  return { ...(tidy({ ...body, metadata: meta }) as Plain), metadata: { ...(tidy(meta) as Plain), ...kept } };
}

/** A refusal: the order of conflicts is free. */
function tidyStatus(status: unknown): unknown {
  const s = tidy(status) as Plain;
  const message = stringOf(s['message']);
  if (!message.startsWith('Apply failed with') || !isObject(s['details'])) return s;
  const causes = [...((s['details']['causes'] as unknown[]) ?? [])].sort((a, b) => compareText(JSON.stringify(a), JSON.stringify(b)));
  return { ...s, message: message.split('\n').sort(), details: { ...s['details'], causes } };
}

function tidyUnordered(status: unknown): unknown {
  const s = tidyStatus(status) as Plain;
  if (Array.isArray(s['message']) || !isObject(s['details'])) return s;
  const text = stringOf(s['message']);
  const head = text.split('is invalid:')[0];
  const causes = [...((s['details']['causes'] as unknown[]) ?? [])].sort((a, b) => compareText(JSON.stringify(a), JSON.stringify(b)));
  return { ...s, message: head, details: { ...s['details'], causes } };
}

const without = ({ kind: _kind, apiVersion: _version, metadata: _metadata, ...status }: Plain): Plain => status;

/** Of a Scale only what it says of replicas is recorded. */
const partOf = (body: Plain, expected: Plain): Plain => ('metadata' in expected ? body : { spec: body['spec'], status: body['status'] });

function recorded(answer: Answer, expected: Plain): Plain {
  const got: Plain = { code: answer.code };
  if (answer.warnings.length > 0) got['warnings'] = answer.warnings;
  if (answer.code >= 400) got['status'] = without(answer.body as Plain);
  else if (isObject(expected['object'])) got['object'] = partOf(answer.body as Plain, expected['object']);
  return got;
}

function compared(step: Plain): unknown {
  const { unordered: _, ...rest } = step;
  const status = step['unordered'] ? tidyUnordered : tidyStatus;
  return JSON.parse(
    JSON.stringify({
      ...rest,
      ...('object' in rest ? { object: tidyObject(rest['object']) } : {}),
      ...('after' in rest ? { after: tidyObject(rest['after']) } : {}),
      ...('status' in rest ? { status: status(rest['status']) } : {}),
    }),
  ) as unknown;
}

async function live(path: string): Promise<Plain | undefined> {
  const found = await server?.send({ method: 'GET', path, body: Buffer.alloc(0) });
  return found?.code === 200 ? (found.body as Plain) : undefined;
}

/** What the recorder put into the body of an update before sending it. */
async function completed(path: string, step: Step, kind: string): Promise<unknown> {
  const body = structuredClone(step.body) as Plain;
  const now = await live(path);
  const meta = body['metadata'] as Plain;
  if (['Thing', 'Ingress'].includes(kind)) meta['resourceVersion'] = at(now, 'metadata', 'resourceVersion');
  if (kind === 'Service' && isObject(body['spec'])) {
    for (const key of ['clusterIP', 'clusterIPs']) body['spec'][key] = at(now, 'spec', key);
  }
  const stored = (at(now, 'metadata', 'managedFields') ?? []) as Plain[];
  if (Array.isArray(meta['managedFields']))
    meta['managedFields'] = (meta['managedFields'] as Plain[]).map(e => {
      const time = stored.find(s => identity(s) === identity(e))?.['time'];
      return time === undefined ? e : { ...e, time };
    });
  return body;
}

async function send(path: string, step: Step, kind: string): Promise<Answer | undefined> {
  const target = `${path}${step.sub ?? ''}`;
  if (step.op === 'apply') {
    return server?.send({
      method: 'PATCH',
      path: `${target}${step.query ? `?${step.query}` : ''}`,
      contentType: 'application/apply-patch+yaml',
      body: Buffer.from(JSON.stringify(step.body)),
    });
  }
  const body = step.op === 'update' ? await completed(path, step, kind) : step.body;
  return server?.send({
    method: step.op === 'update' ? 'PUT' : 'PATCH',
    path: `${target}?fieldManager=${step.manager}`,
    contentType: step.op === 'update' ? 'application/json' : (step.type ?? ''),
    body: Buffer.from(JSON.stringify(body)),
  });
}

/** Of two unknown fields the reference names the one that its hash map gives first. */
function randomly(step: Step, want: Plain): string | undefined {
  const unknown = Object.keys(step.body as Plain).filter(key => ['spec', 'bogusField'].includes(key)).length > 1;
  return unknown && /: field not declared in schema$/.test(stringOf(at(want, 'status', 'message')))
    ? 'one of two unknown fields'
    : undefined;
}

export const suite: Suite = {
  async setup({ dir }) {
    server = await requestServer(dir, ['ssa'], { definitionsOnly: true });
  },
  async check({ in: raw, out }) {
    const { kind, path, steps } = raw as { kind: string; path: string; steps: Step[] };
    const { steps: expected } = out as { steps: Plain[] };
    for (const [i, step] of steps.entries()) {
      const answer = await send(path, step, kind);
      const want = expected[i];
      if (!answer || !want) return undefined;
      const got = recorded(answer, want);
      if ('after' in want) got['after'] = await live(path);
      if (want['unordered']) got['unordered'] = true;
      if (!equal(compared(got), compared(want)))
        return differ({ step: i, did: step, got: compared(got) }, { step: i, want: compared(want) }, randomly(step, want));
    }
    return agree;
  },
  teardown: async () => server?.close(),
};
