// `npm run simulate -- --runs N --seed S`: N runs from seed S on; prints the seeds that went wrong, and why.
import { parseArgs } from 'node:util';
import { simulate } from './run.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } } });
const first = Number(values.seed);
let failed = 0;
for (let seed = first; seed < first + Number(values.runs); seed++) {
  const { faults, writes } = await simulate(seed);
  if (faults.length > 0) failed++;
  console.log(`seed ${seed}: ${writes} writes, ${faults.length === 0 ? 'good' : faults.slice(0, 8).join('; ')}`);
}
console.log(`${Number(values.runs) - failed} of ${values.runs} runs are good`);
process.exit(failed > 0 ? 1 : 0);
