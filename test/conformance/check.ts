// A line of the checklist (specification apiserver.md §10): who sends it, and what must then be so. A check throws where it is not.
import type { Apart } from './apart.ts';
import type { ClientNodeSession, HelmSession, KubectlSession, RawSession } from './session.ts';

export type ClientKind = 'kubectl' | 'helm' | 'client-node' | 'raw' | 'apart';

interface Line<K extends ClientKind, S> {
  /** Letter and number of the checklist: `B13`. */
  readonly id: string;
  /** What it checks, in a few words. */
  readonly title: string;
  readonly by: K;
  /** The first minor version of kubectl that has the commands it uses. */
  readonly since?: number;
  run(session: S): Promise<void>;
}

export type Check =
  | Line<'kubectl', KubectlSession>
  | Line<'helm', HelmSession>
  | Line<'client-node', ClientNodeSession>
  | Line<'raw', RawSession>
  | Line<'apart', Apart>;

type Run<S> = (session: S) => Promise<void>;

/** By every kubectl of the matrix. */
export const kubectl = (id: string, title: string, run: Run<KubectlSession>, since = 0): Check => ({
  id,
  title,
  by: 'kubectl',
  run,
  since,
});
/** By every helm of the matrix. */
export const helm = (id: string, title: string, run: Run<HelmSession>): Check => ({ id, title, by: 'helm', run });
/** By @kubernetes/client-node. */
export const clientNode = (id: string, title: string, run: Run<ClientNodeSession>): Check => ({ id, title, by: 'client-node', run });
/** By HTTP requests as the clients named in the title send them. */
export const raw = (id: string, title: string, run: Run<RawSession>): Check => ({ id, title, by: 'raw', run });
/** By HTTP on a server of its own, which the check may stop, compact or starve. */
export const apart = (id: string, title: string, run: Run<Apart>): Check => ({ id, title, by: 'apart', run });
