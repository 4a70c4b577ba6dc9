// What a container has written: a line when it started, one when it ended, each naming pod and container.
import { badRequest, timeMillis } from '../../kube/index.ts';
import type { ContainerState } from '../kinds.ts';
import { type Target, titleOf } from './target.ts';

export interface LogOptions {
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  /** Only lines since then, in ms since 1970. */
  readonly sinceMs?: number;
}

interface Line {
  readonly atMs: number;
  readonly text: string;
}

/** Throws where there is nothing to read yet. */
export function logText(t: Target, o: LogOptions): string {
  let lines = linesOf(t, o.previous);
  const { sinceMs, tailLines, limitBytes } = o;
  if (sinceMs !== undefined) lines = lines.filter(line => line.atMs >= sinceMs);
  if (tailLines !== undefined) lines = tailLines === 0 ? [] : lines.slice(-tailLines);
  const text = lines.map(line => `${o.timestamps ? `${stamp(line.atMs)} ` : ''}${line.text}\n`).join('');
  return limitBytes === undefined ? text : Buffer.from(text).subarray(0, limitBytes).toString();
}

const stamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}.000000000Z`;

function linesOf(t: Target, previous: boolean): Line[] {
  const { status, pod, container } = t;
  const { name = '' } = pod.metadata;
  if (previous) {
    if (!status?.lastState?.terminated)
      throw badRequest(`previous terminated container ${JSON.stringify(container.name)} in pod ${JSON.stringify(name)} not found`);
    return stateLines(t, status.lastState);
  }
  if (!pod.spec.nodeName) return [];
  const lines = stateLines(t, status?.state ?? {});
  if (lines.length > 0) return lines;
  const reason = status?.state?.waiting?.reason ?? 'ContainerCreating';
  const why = reason === 'ErrImagePull' || reason === 'ImagePullBackOff' ? 'trying and failing to pull image' : reason;
  throw badRequest(`container ${JSON.stringify(container.name)} in pod ${JSON.stringify(name)} is waiting to start: ${why}`);
}

function stateLines(t: Target, state: ContainerState): Line[] {
  const { container, pod } = t;
  const { running, terminated } = state;
  const words = [...(container.command ?? []), ...(container.args ?? [])].join(' ');
  const begun = timeMillis(running?.startedAt ?? terminated?.startedAt) ?? 0;
  const start = { atMs: begun, text: `${titleOf(t)}: started ${container.image} on ${pod.spec.nodeName}${words ? `: ${words}` : ''}` };
  if (running) return [start];
  if (!terminated) return [];
  return [start, { atMs: timeMillis(terminated.finishedAt) ?? begun, text: `${titleOf(t)}: exited with code ${terminated.exitCode}` }];
}
