// npm run conformance [-- --only 'B1*' --client kubectl-1.35 --jobs N --home DIR --show]
// Runs the checklist with real clients against a server of its own (or one that runs already, by its --home).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CHECKS } from './checks/index.ts';
import { casesOf, missingPrograms, type Outcome, runCases } from './matrix.ts';
import { attach, startServer } from './server.ts';
import { judge, type Reasons, reasonOf, tableOf } from './table.ts';

const ROOT = join(import.meta.dirname, '../..');
const CASE_TIMEOUT_MS = 120_000;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    client: { type: 'string', multiple: true },
    jobs: { type: 'string', default: '6' },
    home: { type: 'string' },
    results: { type: 'string' },
    counts: { type: 'string' },
    log: { type: 'boolean', default: false },
  },
});

/** `B1*` is what begins with B1. */
const wanted = (patterns: readonly string[] | undefined, name: string): boolean =>
  !patterns || patterns.some(p => (p.endsWith('*') ? name.startsWith(p.slice(0, -1)) : name === p));
const cases = casesOf(CHECKS).filter(c => wanted(values.only, c.check.id) && wanted(values.client, c.client));
const missing = missingPrograms().filter(program => cases.some(c => c.client === program));
if (missing.length > 0) {
  console.error(`there is no ${missing.join(', ')}: run hack/tools.sh conformance`);
  process.exit(2);
}
const reasons = JSON.parse(readFileSync(join(import.meta.dirname, 'reasons.json'), 'utf8')) as Reasons;

const line = (o: Outcome): string => {
  if (o.fault === undefined) return `${o.id} ${o.client} ok`;
  const reason = reasonOf(reasons, o);
  return `${o.id} ${o.client} FAIL ${reason ? `(known: ${reason})` : ''} ${o.title}: ${o.fault}`;
};

const own = values.home ? undefined : await startServer();
const server = own ?? attach(values.home ?? '');
const outcomes = await runCases(cases, server, {
  jobs: Number(values.jobs),
  timeoutMs: CASE_TIMEOUT_MS,
  each: o => console.log(line(o)),
});
if (own && values.log) console.log(own.log());
await server.close();

const verdict = judge(outcomes, reasons);
console.log(`\n${tableOf(outcomes)}\n`);
console.log(`${verdict.ok} ok, ${verdict.listed.length} known not to be, ${verdict.unlisted.length} failed`);
for (const key of verdict.stale) console.log(`${key} is ok: take it out of test/conformance/reasons.json`);
const file = values.results ?? join(ROOT, '.cache/conformance.json');
mkdirSync(join(file, '..'), { recursive: true });
writeFileSync(file, `${JSON.stringify(outcomes, null, 1)}\n`);
if (values.counts) {
  const counts = { numPassedTests: verdict.ok, numFailedTests: verdict.unlisted.length };
  writeFileSync(values.counts, JSON.stringify(counts));
}
process.exit(verdict.unlisted.length > 0 ? 1 : 0);
