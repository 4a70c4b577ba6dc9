// npm run vectors [-- --dir DIR --suite NAME --show N --raise]
import { parseArgs } from 'node:util';
import { findSuites, type Result, raiseFloor, runSuite, vectorsDir } from './runner.ts';

const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    suite: { type: 'string', multiple: true },
    show: { type: 'string', default: '0' },
    raise: { type: 'boolean', default: false },
  },
});

function line(r: Result): string {
  return r.missing ? `not there 0/${r.total} ${r.name}` : `${r.name} ${r.agreed}/${r.total} listed ${r.listed}`;
}

const dir = values.dir ?? vectorsDir();
if (!dir) {
  console.log('no vectors on this machine: set FLOTILLA_VECTORS to their folder');
} else {
  const wanted = values.suite;
  const results: Result[] = [];
  for (const found of findSuites(dir)) {
    if (wanted && !wanted.some(w => found.name === w || found.name.startsWith(`${w}/`))) continue;
    const result = await runSuite(found, Number(values.show));
    console.log(line(result));
    for (const d of result.differences) {
      console.log(
        `  ${d.id}\n    in       ${JSON.stringify(d.in)}\n    expected ${JSON.stringify(d.expected)}\n    got      ${typeof d.got === 'string' ? d.got : JSON.stringify(d.got)}`,
      );
    }
    results.push(result);
  }
  if (values.raise) raiseFloor(results);
}
