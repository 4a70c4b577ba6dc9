// What follows tsc in `npm run build`: puts the data files beside the compiled code that reads them, and joins the modules of the
// program into a few files. Loading one file for each of some thousand modules took a third of the time to start and most of the
// garbage of it. Worker threads start from the files that tsc made.
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';

const ROOMS = ['kube', 'crds', 'interpreter', 'webhook', 'estimator', 'apiserver', 'controllers', 'scheduler', 'members', 'cli'];
const DATA = new Set(['.json', '.lua', '.proto', '.yaml', '.tsv', '.wasm', '.html', '.css', '.gz']);
const PROGRAM = 'dist/cli';

for (const room of ROOMS) {
  if (!existsSync(room)) continue;
  for (const entry of readdirSync(room, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !DATA.has(extname(entry.name))) continue;
    const file = join(entry.parentPath, entry.name);
    cpSync(file, join('dist', file));
  }
}

/** Code that reads files beside itself goes on finding them from the folder of the program. */
const keepPlaces = {
  name: 'keep-places',
  setup(bundle) {
    bundle.onLoad({ filter: /\/dist\/.*\.js$/ }, async ({ path }) => {
      const code = await readFile(path, 'utf8');
      if (path.includes('/node_modules/') || !code.includes('import.meta.url')) return undefined;
      const place = JSON.stringify(relative(resolve(PROGRAM), path));
      return { contents: code.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`), loader: 'js' };
    });
  },
};

for (const name of readdirSync(PROGRAM)) if (name.startsWith('chunk-')) rmSync(join(PROGRAM, name));
await build({
  entryPoints: [join(PROGRAM, 'main.js')],
  outdir: PROGRAM,
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  chunkNames: 'chunk-[hash]',
  // What is imported only when it is needed stays a package: names of CommonJS modules would be lost in a chunk.
  external: ['better-sqlite3', 'undici', 'prom-client', '@grpc/grpc-js', '@kubernetes/client-node'],
  logLevel: 'warning',
  banner: { js: "import { createRequire as requireFrom } from 'node:module';const require = requireFrom(import.meta.url);" },
  plugins: [keepPlaces],
});
