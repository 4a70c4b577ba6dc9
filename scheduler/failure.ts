// Why a cycle placed nothing. The kind decides the condition's reason and the queue that a binding waits in; it survives
// every prefix that is put before the text, as an error keeps its class in a wrap chain (specification §1.6, §2.1).

export type FailureKind = 'FitError' | 'Unschedulable' | 'Error';

export class SchedulingFailure extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string) {
    super(message);
    this.name = 'SchedulingFailure';
    this.kind = kind;
  }
}

/** No capacity at present: waits in the unschedulable queue. */
export const unschedulable = (message: string): SchedulingFailure => new SchedulingFailure('Unschedulable', message);

/** A failure without a class of its own: tried again with backoff. */
export const plainFailure = (message: string): SchedulingFailure => new SchedulingFailure('Error', message);

/** Runs `f`; a failure in it gets `<prefix>: ` before its text and keeps its kind. */
export function within<T>(prefix: string, f: () => T): T {
  try {
    return f();
  } catch (error) {
    if (error instanceof SchedulingFailure) throw new SchedulingFailure(error.kind, `${prefix}: ${error.message}`);
    throw error;
  }
}

/**
 * No cluster passed the filters. `total` counts the whole snapshot; `reasons` holds one entry a refused cluster.
 * The histogram is sorted as text.
 */
export function fitError(total: number, reasons: readonly string[]): SchedulingFailure {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const texts = [...counts].map(([reason, n]) => `${n} ${reason}`).sort((a, b) => (a < b ? -1 : 1));
  return new SchedulingFailure(
    'FitError',
    `0/${total} clusters are available: ${total > 0 && texts.length ? texts.join(', ') : 'no cluster exists'}.`,
  );
}
