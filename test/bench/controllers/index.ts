// What the controllers manage: Works built from bindings, Works applied to members, the way of a status from a member to its template, an edited policy, and a
// restart at full size. The control plane with its controllers is this process; members are others, and compete with it where there are few cores.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appliedWorks, appliedWorksToMany, MANY } from './applied-works.ts';
import { bindingsToWorks } from './bindings-to-works.ts';
import { appliedDeployments } from './deployments.ts';
import { editedPolicy } from './edited-policy.ts';
import { memberNames } from './objects.ts';
import { type ControllersPlane, controllersPlane } from './plane.ts';
import { restart } from './restart.ts';
import { statusLatency } from './status-latency.ts';

interface Part {
  /** Members in one process are a group. */
  readonly members: readonly (readonly string[])[];
  readonly measure: (plane: ControllersPlane, size: number) => Promise<void>;
}

const three = memberNames(3).map(name => [name]);
const many = memberNames(MANY);

const PARTS: Readonly<Record<string, Part>> = {
  bindings: { members: [], measure: bindingsToWorks },
  works: { members: three, measure: appliedWorks },
  'many-members': { members: [many.slice(0, MANY / 2), many.slice(MANY / 2)], measure: appliedWorksToMany },
  deployments: { members: three, measure: appliedDeployments },
  status: { members: [['m1']], measure: statusLatency },
  policy: { members: [['m1', 'm2']], measure: editedPolicy },
  restart: { members: three, measure: restart },
};

/** `SIZE=5000 PARTS=policy,restart npm run bench -- controllers` for a quick look at some of it. */
export async function controllersBench(): Promise<void> {
  const size = Number(process.env['SIZE'] ?? 20_000);
  const wanted = process.env['PARTS']?.split(',') ?? Object.keys(PARTS);
  for (const [name, part] of Object.entries(PARTS)) if (wanted.includes(name)) await onPlane(part, size);
}

async function onPlane({ members, measure }: Part, size: number): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-bench-'));
  const plane = await controllersPlane(dir, members);
  try {
    await measure(plane, size);
  } finally {
    await plane.close();
    rmSync(dir, { recursive: true, force: true });
  }
}
