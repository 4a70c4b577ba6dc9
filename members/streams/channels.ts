// The streams of one exec or attach call, whichever protocol carries them.
import type { PassThrough } from 'node:stream';

const MAX_WAITING_BYTES = 16 * 1024 * 1024;

export interface Channels {
  readonly stdin: PassThrough;
  stdout(bytes: Buffer | string): void;
  stderr(bytes: Buffer | string): void;
  /** Says how it ended, then closes everything. */
  finish(exitCode: number): void;
  /** Resolves when the caller has gone. */
  readonly gone: Promise<void>;
}

/** Hands input on; false where the reader has fallen too far behind. */
export function feed(stdin: PassThrough, bytes: Buffer): boolean {
  if (stdin.writableEnded) return true;
  stdin.write(bytes);
  return stdin.writableLength <= MAX_WAITING_BYTES;
}

/** The Status that says with which code a command ended. */
export function exitStatus(exitCode: number): string {
  if (exitCode === 0) return JSON.stringify({ metadata: {}, status: 'Success' });
  return JSON.stringify({
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  });
}
