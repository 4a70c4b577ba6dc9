// The contract of a recorded suite. A file `suites/<folder>/<file>.ts` exports one as `suite`; the runner finds it by its place,
// feeds it the cases of `<vectors>/<folder>/<file>.jsonl.gz`, and counts.

export interface VectorCase {
  readonly id: string;
  readonly in: Record<string, unknown>;
  readonly out: unknown;
  /** The line it was read from, for what JSON.parse does not keep of numbers. */
  readonly line: string;
  readonly [member: string]: unknown;
}

export interface Verdict {
  readonly agreed: boolean;
  /** Set where a difference is known and named in docs/conformance.md: the reason, in a few words. */
  readonly listed?: string;
  /** Shown by --show for a case that differs. */
  readonly got?: unknown;
  readonly expected?: unknown;
}

export interface Suite {
  /** Called once before the first case, with the folder of the vectors; lines without `in` are handed over here too. */
  setup?(o: { readonly dir: string; readonly header: readonly Record<string, unknown>[] }): Promise<void> | void;
  /** Judges one case; undefined leaves it out of the count. A throw counts as a difference. */
  check(c: VectorCase): Promise<Verdict | undefined> | Verdict | undefined;
  teardown?(): Promise<void> | void;
}

export const agree: Verdict = { agreed: true };
export const differ = (got: unknown, expected: unknown, listed?: string): Verdict => ({
  agreed: false,
  got,
  expected,
  ...(listed ? { listed } : {}),
});
