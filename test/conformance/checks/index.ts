// The checklist, line by line.
import type { Check } from '../check.ts';
import { discoveryChecks } from './a-discovery.ts';
import { changeChecks } from './b-change.ts';
import { commandChecks } from './b-commands.ts';
import { createChecks } from './b-create.ts';
import { readChecks } from './b-read.ts';
import { applyChecks } from './c-apply.ts';
import { serverSideChecks } from './c-server-side.ts';
import { deleteChecks } from './d-delete.ts';
import { customChecks } from './e-crds.ts';
import { versionChecks } from './e-versions.ts';
import { listChecks } from './f-lists.ts';
import { watchChecks } from './f-watches.ts';
import { writeChecks } from './f-writes.ts';
import { clientChecks } from './g-clients.ts';
import { helmChecks } from './g-helm.ts';
import { accessChecks } from './h-access.ts';
import { admissionChecks } from './h-admission.ts';
import { flagChecks } from './h-flags.ts';
import { limitChecks } from './h-limits.ts';
import { memberChecks } from './i-members.ts';
import { planeChecks } from './i-plane.ts';

export const CHECKS: readonly Check[] = [
  ...discoveryChecks,
  ...createChecks,
  ...readChecks,
  ...changeChecks,
  ...commandChecks,
  ...applyChecks,
  ...serverSideChecks,
  ...deleteChecks,
  ...customChecks,
  ...versionChecks,
  ...listChecks,
  ...watchChecks,
  ...writeChecks,
  ...clientChecks,
  ...helmChecks,
  ...accessChecks,
  ...admissionChecks,
  ...flagChecks,
  ...limitChecks,
  ...memberChecks,
  ...planeChecks,
];
