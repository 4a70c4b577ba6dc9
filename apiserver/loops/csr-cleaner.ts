// Deletes certificate requests that nobody needs any more: decided ones after an hour, pending ones after a day, and those
// whose certificate has expired.
import { X509Certificate } from 'node:crypto';
import { type AnyObject, at, type Client, type Clock, isStatusError, periodic, type Runnable, stringOf } from '../../kube/index.ts';
import { needed, present } from './collection-source.ts';
import { CSRS, conditionsOf } from './csr-status.ts';
import { type LoopOptions, loopClient } from './loop-context.ts';

const HOUR_MS = 3600_000;
const PENDING_MS = 24 * HOUR_MS;

export function csrCleanerLoop({ core, log }: LoopOptions): Runnable {
  const requests = needed(core, CSRS.group, CSRS.plural);
  const client = loopClient(core, 'certificate-controller');
  const { clock } = core.plane;
  return periodic({ name: 'csrcleaner', everyMs: HOUR_MS, clock, ...(log ? { log } : {}) }, async signal => {
    for (const csr of present(requests)) {
      signal.throwIfAborted();
      if (isStale(csr, clock)) await drop(client, csr);
    }
  });
}

export function isStale(csr: AnyObject, clock: Clock): boolean {
  const now = clock.now();
  const older = (time: unknown, ms: number): boolean => now - Date.parse(stringOf(time)) > ms;
  const conditions = conditionsOf(csr);
  const certificate = stringOf(at(csr, 'status', 'certificate'));
  if (conditions.length === 0) return older(csr.metadata.creationTimestamp, PENDING_MS);
  return conditions.some(c => {
    const old = older(c['lastUpdateTime'], HOUR_MS);
    if (c['type'] === 'Denied' || c['type'] === 'Failed') return old;
    return c['type'] === 'Approved' && (certificate === '' ? older(c['lastUpdateTime'], PENDING_MS) : old || hasExpired(certificate, now));
  });
}

function hasExpired(base64: string, now: number): boolean {
  try {
    return Date.parse(new X509Certificate(Buffer.from(base64, 'base64')).validTo) < now;
  } catch {
    // What cannot be read is left to its age.
    return false;
  }
}

async function drop(client: Client, csr: AnyObject): Promise<void> {
  const { name = '', uid = '' } = csr.metadata;
  try {
    await client.delete(CSRS, { name }, { preconditions: { uid } });
  } catch (error) {
    if (!isStatusError(error, 'NotFound') && !isStatusError(error, 'Conflict')) throw error;
  }
}
