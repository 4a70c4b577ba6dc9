// How many steps of each group have agreed before: a number that only rises.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Replayed } from './replay.ts';

const FLOOR = join(dirname(fileURLToPath(import.meta.url)), 'floor.json');

export function readFloor(): Record<string, number> {
  return existsSync(FLOOR) ? (JSON.parse(readFileSync(FLOOR, 'utf8')) as Record<string, number>) : {};
}

/** Raises the floor of the groups that ran; it never lowers one. */
export function raiseFloor(groups: Replayed['groups']): void {
  const floor = readFloor();
  for (const [name, { agreed }] of Object.entries(groups)) floor[name] = Math.max(floor[name] ?? 0, agreed);
  writeFileSync(FLOOR, `${JSON.stringify(Object.fromEntries(Object.entries(floor).sort()), null, 2)}\n`);
}
