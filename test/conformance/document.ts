// npm run conformance-doc [-- --refresh vectors,wire,plane,clients]
// Writes docs/conformance.md. What is not refreshed is as it was measured last (.cache/conformance-doc.json); without --refresh
// everything is measured that was never measured here.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CLIENTS } from './matrix.ts';
import { type Count, MEASURE, type Measures, PARTS, type Part, type SuiteCount } from './measures.ts';
import { type Reasons, rowsOf } from './table.ts';

const ROOT = join(import.meta.dirname, '../..');
const CACHE = join(ROOT, '.cache/conformance-doc.json');

const { values } = parseArgs({ options: { refresh: { type: 'string', default: '' } } });

async function measured(): Promise<Measures> {
  const known: Partial<Record<Part, unknown>> = existsSync(CACHE) ? JSON.parse(readFileSync(CACHE, 'utf8')) : {};
  const wanted = values.refresh.split(',');
  for (const part of PARTS) {
    if (known[part] && !wanted.includes(part) && !wanted.includes('all')) continue;
    console.log(`measuring ${part}`);
    known[part] = await MEASURE[part]();
    mkdirSync(join(ROOT, '.cache'), { recursive: true });
    writeFileSync(CACHE, JSON.stringify(known));
  }
  return known as unknown as Measures;
}

const reasonsOf = (file: string): Reasons => JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as Reasons;
const escaped = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const percent = (agreed: number, total: number): string => (total === 0 ? '' : `${((agreed / total) * 100).toFixed(1)} %`);

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The given reason; a difference without one is called what it is. */
function why(reasons: Reasons, name: string, differ: number): string {
  return differ === 0 ? '' : escaped(reasons[name] ?? 'not understood');
}

function vectorsPart(suites: readonly SuiteCount[]): string {
  const reasons = reasonsOf('test/vectors/reasons.json');
  const rows = suites.map(s => [
    s.name,
    s.agreed,
    s.total,
    s.listed,
    s.missing ? 'no code answers this suite' : why(reasons, s.name, s.total - s.agreed),
  ]);
  const sum = suites.reduce((n, s) => n + s.agreed, 0);
  const total = suites.reduce((n, s) => n + s.total, 0);
  return `## Recorded cases (\`npm run vectors\`)

${sum} of ${total} agree (${percent(sum, total)}). _Listed_ differences are meant: the suite itself names them.

${table(['suite', 'agreed', 'total', 'listed', 'what differs'], rows)}`;
}

function countsPart(title: string, counts: readonly Count[], reasons: Reasons): string {
  const sum = counts.reduce((n, c) => n + c.agreed, 0);
  const total = counts.reduce((n, c) => n + c.total, 0);
  const rows = counts.map(c => [c.name, c.agreed, c.total, why(reasons, c.name, c.total - c.agreed)]);
  return `${title}

${sum} of ${total} agree (${percent(sum, total)}).

${table(['group', 'agreed', 'total', 'what differs'], rows)}`;
}

function clientsPart(outcomes: Measures['clients']): string {
  const reasons = reasonsOf('test/conformance/reasons.json');
  const clients = CLIENTS.filter(c => outcomes.some(o => o.client === c));
  const rows = rowsOf(outcomes);
  const cell = (seen: string | undefined): string => (seen === undefined ? '' : seen === 'ok' ? 'ok' : '**no**');
  const ok = outcomes.filter(o => o.fault === undefined).length;
  const failed = rows.filter(r => Object.values(r.cells).some(c => c !== 'ok'));
  const told = failed.map(r => `- **${r.id}** ${r.title}: ${escaped(reasons[r.id] ?? Object.values(r.cells).find(c => c !== 'ok') ?? '')}`);
  const lines = rows.map(r => [r.id, ...clients.map(c => cell(r.cells[c])), escaped(r.title)]);
  return `## Clients (\`npm run conformance\`)

${ok} of ${outcomes.length} checks are ok. A line is one of the checklist, a column a client; an empty cell: the client does not send it, or is
too old for it. _raw_ is HTTP as the client named in the line sends it.

${told.length > 0 ? `Not ok:\n\n${told.join('\n')}\n` : 'Every line is ok.\n'}
${table(['line', ...clients, 'what'], lines)}`;
}

const m = await measured();
const planeCounts = m.plane.filter(c => c.name !== 'all');
const text = `# Conformance

How Flotilla agrees with recordings of the reference (Karmada) and of a real kube-apiserver 1.36, and with real clients. Written by
\`npm run conformance-doc\`; the tests hold a floor under the first two tables, CI runs the last.

${vectorsPart(m.vectors)}

${countsPart('## Conversations over HTTP (`npm run wire`)', m.wire, reasonsOf('test/wire/reasons.json'))}

${countsPart('## The whole plane (`npm run plane`)', planeCounts, reasonsOf('test/plane/reasons.json'))}

${clientsPart(m.clients)}
`;
writeFileSync(join(ROOT, 'docs/conformance.md'), text);
execFileSync('npx', ['biome', 'format', '--write', 'docs/conformance.md'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
console.log('docs/conformance.md is written');
process.exit(0);
