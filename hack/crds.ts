// Writes crds/yaml from the schemas in crds/. With --verify it writes nothing and fails when a file differs.
//   tsx hack/crds.ts [--verify]
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { generateCrdFiles } from '../crds/index.ts';

const folder = new URL('../crds/yaml/', import.meta.url);
mkdirSync(folder, { recursive: true });
const wanted = await generateCrdFiles();
const present = new Map(readdirSync(folder).map(name => [name, readFileSync(new URL(name, folder), 'utf8')]));
const differing = [...wanted.keys()].filter(name => present.get(name) !== wanted.get(name));
const stale = [...present.keys()].filter(name => !wanted.has(name));

if (process.argv.includes('--verify')) {
  for (const name of [...differing, ...stale]) console.error(`crds/yaml/${name} is not what the schemas say: run tsx hack/crds.ts`);
  process.exitCode = differing.length + stale.length > 0 ? 1 : 0;
} else {
  for (const name of differing) writeFileSync(new URL(name, folder), wanted.get(name) ?? '');
  for (const name of stale) rmSync(new URL(name, folder));
  console.log(`crds/yaml: ${differing.length} written, ${stale.length} removed, ${wanted.size} in all`);
}
