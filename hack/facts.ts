// Builds kube/facts/*.json from the reference tables of a real kube-apiserver: names, numbers and types, no sentences.
//   tsx hack/facts.ts [DIR]     DIR defaults to ../shared/reference/kubernetes
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FROM = process.argv[2] ?? join(import.meta.dirname, '../../shared/reference/kubernetes');
const TO = join(import.meta.dirname, '../kube/facts');

const read = (name: string): string => readFileSync(join(FROM, name), 'utf8');

function write(name: string, value: Record<string, unknown>): void {
  mkdirSync(TO, { recursive: true });
  const lines = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${JSON.stringify(item)}`);
  writeFileSync(join(TO, name), `{\n${lines.join(',\n')}\n}\n`);
}

/** `k8s.io.api.apps.v1.Deployment` and `io.k8s.api.apps.v1.Deployment` are both `api.apps.v1.Deployment` here. */
const short = (name: string): string => name.replaceAll('io.k8s.', '').replaceAll('k8s.io.', '').replaceAll('-', '_');

/** message -> fields as [JSON name, number, type, semantics?]; semantics are those of merge-semantics.tsv, `(self)` apart. */
function types(): void {
  const table = JSON.parse(read('protobuf-fields.json')) as Record<string, [string, number, string, string?][]>;
  const semantics = new Map<string, string>();
  for (const line of read('merge-semantics.tsv').trim().split('\n').slice(1)) {
    const [definition = '', name = '', text = ''] = line.split('\t');
    semantics.set(`${short(definition)} ${name}`, text);
  }
  // The table of semantics names fields of inlined messages under the message that holds them.
  const holders = new Map<string, string>();
  for (const [message, fields] of Object.entries(table))
    for (const [, , type, inline] of fields) if (inline) holders.set(short(type), short(message));
  const meaning = (name: string | undefined, json: string): string | undefined =>
    name === undefined ? undefined : (semantics.get(`${name} ${json}`) ?? meaning(holders.get(name), json));
  const out: Record<string, unknown> = {};
  for (const [message, fields] of Object.entries(table)) {
    const name = short(message);
    if (/\.v\d+(alpha|beta)\d+\./.test(name) && !/^api\.(policy|authentication|authorization)\.v1beta1\./.test(name)) continue;
    const self = semantics.get(`${name} (self)`);
    out[name] = {
      ...(self ? { self } : {}),
      fields: fields.map(([json, number, type, inline]) => {
        const text = meaning(name, json);
        return [json, number, short(type), ...(inline || text ? [inline ?? ''] : []), ...(text ? [text] : [])];
      }),
    };
  }
  write('types.json', out);
}

interface FieldRow {
  readonly apiVersion: string;
  readonly resource: string;
  readonly accepted: readonly string[];
  readonly refusal: { readonly field: string; readonly message: string };
}

const EVERY_KIND = ['metadata.name', 'metadata.namespace'];

/** "apiVersion resource" -> fields a list may select by and the text of a refusal (%s = the field); kinds like most are left out. */
function statusFields(): void {
  const { resources } = JSON.parse(read('status-fields.json')) as { resources: FieldRow[] };
  const special = resources.filter(r => r.accepted.join() !== EVERY_KIND.join());
  write(
    'status-fields.json',
    Object.fromEntries(
      special.map(r => [
        `${r.apiVersion} ${r.resource}`,
        { fields: r.accepted, refusal: r.refusal.message.replace(r.refusal.field, '%s') },
      ]),
    ),
  );
}

/** What the server serves: orders, and each group's versions with their resources as in the aggregated document. */
function discovery(): void {
  const { legacy, aggregatedOrder, rootPaths, groups } = JSON.parse(read('discovery.json')) as {
    legacy: { apisOrder: string[]; preferred: Record<string, string> };
    aggregatedOrder: string[];
    rootPaths: string[];
    groups: unknown[];
  };
  write('discovery.json', { apisOrder: legacy.apisOrder, aggregatedOrder, preferred: legacy.preferred, rootPaths, groups });
}

/** The roles and bindings a new server has, by kind; labels and annotations that all of them carry apart. */
function rbac(): void {
  const facts = JSON.parse(read('rbac-bootstrap.json')) as Record<string, unknown>;
  const kinds = Object.entries(facts).filter(([key]) => key === 'common' || key.endsWith('.rbac.authorization.k8s.io'));
  write('rbac.json', Object.fromEntries(kinds));
}

interface ColumnFact {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly priority: number;
}

/** "apiVersion kind" -> columns as [name, type, format?, priority?]; descriptions are our own. */
function tables(): void {
  const { columns } = JSON.parse(read('tables.json')) as { columns: { apiVersion: string; kind: string; columns: ColumnFact[] }[] };
  const row = (c: ColumnFact): unknown[] =>
    c.priority ? [c.name, c.type, c.format ?? '', c.priority] : c.format ? [c.name, c.type, c.format] : [c.name, c.type];
  write('tables.json', Object.fromEntries(columns.map(t => [`${t.apiVersion} ${t.kind}`, t.columns.map(row)])));
}

types();
tables();
rbac();
discovery();
statusFields();
