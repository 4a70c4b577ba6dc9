// `npm run plane`: brings up a plane with three members, plays the recorded scenarios on it, and prints how many facts agree.
//   npm run plane -- [--vectors DIR] [--only GLOB,GLOB] [--jobs N] [--log-level LEVEL] [--up]
// --up leaves the plane running until it is interrupted, and prints where its kubeconfigs are.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { wholePlane } from './plane/whole-plane.ts';

const { values } = parseArgs({
  options: {
    vectors: { type: 'string', default: process.env['FLOTILLA_PLANE_VECTORS'] ?? '../shared/vectors/plane' },
    only: { type: 'string' },
    jobs: { type: 'string', default: '5' },
    'log-level': { type: 'string', default: 'error' },
    up: { type: 'boolean', default: false },
  },
});

const player = join(values.vectors, 'trace.mjs');
if (!values.up && !existsSync(player)) {
  console.error(`there is no ${player}: name the folder of the scenarios with --vectors`);
  process.exit(2);
}

const plane = await wholePlane({ logLevel: values['log-level'] });
if (values.up) {
  console.log(`--kubeconfig ${plane.kubeconfig} --context karmada-apiserver --members ${plane.membersConfig}`);
  await new Promise<void>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
} else {
  const options = ['--kubeconfig', plane.kubeconfig, '--context', 'karmada-apiserver', '--members', plane.membersConfig];
  const selection = ['--scenarios', values.vectors, '--jobs', values.jobs, ...(values.only ? ['--only', values.only] : [])];
  process.exitCode = await play([player, ...options, ...selection]);
}
await plane.close();
process.exit();

function play(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', code => resolve(code ?? 1));
  });
}
