// npm run plans [-- SEED COUNT]: random plans, each carried out and compared with its outcome.
import { playPlans } from './random-plans.ts';

const seed = Number(process.argv[2] ?? 1);
const count = Number(process.argv[3] ?? 1000);
const started = performance.now();
const played = await playPlans(seed, count, i => {
  if ((i + 1) % 50 === 0) console.log(`${i + 1} plans, ${((performance.now() - started) / 1000).toFixed(0)} s`);
});
for (const fault of played.faults) console.log(fault);
console.log(
  `seed ${seed}: ${played.plans} plans, ${played.moves} bindings moved, ${played.manifests} manifests changed, ${played.faults.length} differences, ${((performance.now() - started) / 1000).toFixed(0)} s`,
);
process.exit(played.faults.length > 0 ? 1 : 0);
