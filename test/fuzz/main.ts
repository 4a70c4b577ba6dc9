// npm run fuzz [-- --seconds N --seed S --only NAME]: each target for N seconds; a failure prints its input, shrunk, and the seed.
import { parseArgs } from 'node:util';
import { systemClock } from '../../kube/index.ts';
import { bombFaults, fuzzServer, parserTargets, serverTargets } from './targets.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '20' }, seed: { type: 'string' }, only: { type: 'string' } },
});
const seed = Number(values.seed ?? systemClock.now() % 2 ** 31);
const server = await fuzzServer();
let failed = 0;

for (const target of [...parserTargets, ...serverTargets(server)]) {
  if (values.only && !target.name.includes(values.only)) continue;
  process.stdout.write(`${target.name} (seed ${seed}) … `);
  try {
    await target.run({ seconds: Number(values.seconds), seed });
    console.log('ok');
  } catch (error) {
    failed++;
    console.log(
      `FAILED\n${error instanceof Error ? `${error.message}\n${error.cause instanceof Error ? error.cause.stack : ''}` : String(error)}`,
    );
  }
}
if (!values.only || 'bombs'.includes(values.only)) {
  const wrong = await bombFaults(server);
  for (const text of wrong) console.log(text);
  failed += wrong.length;
}
await server.close();
process.exit(failed > 0 ? 1 : 0);
