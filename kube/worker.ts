// Starts a worker thread from a module beside the caller: compiled, or as TypeScript in development.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** `stem` is the module's URL without its ending: `startWorker(new URL('./sqlite-worker', import.meta.url), import.meta.url)`. */
export function startWorker(stem: URL, caller: string, options: WorkerOptions = {}): Worker {
  if (!caller.endsWith('.ts')) return new Worker(new URL(`${stem.href}.js`), options);
  // A resolver for require finds the CommonJS twin of the module that import needs.
  const tsx = pathToFileURL(
    createRequire(caller)
      .resolve('tsx/esm/api')
      .replace(/\.cjs$/, '.mjs'),
  ).href;
  const boot = `import(${JSON.stringify(tsx)}).then(t => { t.register(); return import(${JSON.stringify(`${stem.href}.ts`)}); })`;
  return new Worker(boot, { ...options, eval: true });
}
