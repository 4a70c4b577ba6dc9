// `npm run simulate -- --runs N --seed S`: N runs from seed S on; prints the seeds that went wrong, why, and the shortest traces that fail.
import { parseArgs } from 'node:util';
import { report, simulate } from './run.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } } });
const first = Number(values.seed);
let failed = 0;
for (let seed = first; seed < first + Number(values.runs); seed++) {
  const outcome = await simulate(seed);
  if (outcome.faults.length === 0) continue;
  failed++;
  console.log(await report(outcome));
}
console.log(`${Number(values.runs) - failed} of ${values.runs} runs are good`);
process.exit(failed > 0 ? 1 : 0);
