// npm run bench [-- NAME…]: figures with the machine's limits beside them. Benchmarks measure; nothing here passes or fails.
import { cpus, totalmem } from 'node:os';

const ALL = {
  startup: async () => (await import('./startup.ts')).startup(),
  writes: async () => (await import('./writes.ts')).writes(),
  scheduling: async () => (await import('./scheduling.ts')).schedulingBench(),
  controllers: async () => (await import('./controllers/index.ts')).controllersBench(),
  https: async () => (await import('./https.ts')).https(),
  lists: async () => (await import('./lists.ts')).lists(),
  writers: async () => (await import('./writers.ts')).writers(),
  watches: async () => (await import('./watches.ts')).watches(),
} as const;

const wanted = process.argv.slice(2);
console.log(`node ${process.version}, ${cpus().length} cores ${cpus()[0]?.model ?? ''}, ${Math.round(totalmem() / 2 ** 30)} GiB`);
for (const [name, bench] of Object.entries(ALL)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n${name}`);
  await bench();
}
process.exit(0);
