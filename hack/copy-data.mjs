// Copies the data files that code reads beside itself (facts, Lua, protos, CRDs) into dist/, where tsc does not put them.
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';

const ROOMS = ['kube', 'crds', 'interpreter', 'webhook', 'estimator', 'apiserver', 'controllers', 'scheduler', 'members', 'cli'];
const DATA = new Set(['.json', '.lua', '.proto', '.yaml', '.tsv', '.wasm', '.html', '.css', '.gz']);

for (const room of ROOMS) {
  if (!existsSync(room)) continue;
  for (const entry of readdirSync(room, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !DATA.has(extname(entry.name))) continue;
    const file = join(entry.parentPath, entry.name);
    cpSync(file, join('dist', file));
  }
}
