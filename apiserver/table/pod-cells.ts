// The cells of pods: their status is a story told by conditions, init containers and containers, in this order.
import { type AnyObject, at, timeMillis } from '../../kube/index.ts';
import { age, items, type Json, NONE, name, number, orNone, since, text } from './cells.ts';

interface Story {
  reason: string;
  restarts: number;
  ready: number;
  last: number | undefined;
}

const terminated = (status: Json): Json | undefined => at(status, 'state', 'terminated') as Json | undefined;
const waitingReason = (status: Json): string => text(status, 'state', 'waiting', 'reason');

export function podCells(pod: AnyObject, now: number): unknown[] {
  const restartable = new Set(
    items(pod, 'spec', 'initContainers')
      .filter(c => c['restartPolicy'] === 'Always')
      .map(c => c['name']),
  );
  const story: Story = { reason: text(pod, 'status', 'reason') || text(pod, 'status', 'phase'), restarts: 0, ready: 0, last: undefined };
  if (items(pod, 'status', 'conditions').some(c => c['type'] === 'PodScheduled' && c['reason'] === 'SchedulingGated'))
    story.reason = 'SchedulingGated';
  const sidecars = { restarts: 0, last: undefined as number | undefined };
  const initializing = tellInit(pod, { story, restartable, sidecars });
  if (!initializing || hasCondition(pod, 'Initialized')) {
    story.restarts = sidecars.restarts;
    story.last = sidecars.last;
    tellContainers(pod, story);
  }
  if (at(pod, 'metadata', 'deletionTimestamp')) story.reason = leaving(pod, story.reason);
  const total = items(pod, 'spec', 'containers').length + restartable.size;
  return [name(pod), `${story.ready}/${total}`, story.reason, restartText(story, now), age(pod, now), ...placeCells(pod)];
}

function leaving(pod: AnyObject, reason: string): string {
  if (text(pod, 'status', 'reason') === 'NodeLost') return 'Unknown';
  return ['Succeeded', 'Failed'].includes(text(pod, 'status', 'phase')) ? reason : 'Terminating';
}

const restartText = (s: Story, now: number): string =>
  s.restarts !== 0 && s.last !== undefined ? `${s.restarts} (${since(new Date(s.last).toISOString(), now)} ago)` : String(s.restarts);

const hasCondition = (pod: AnyObject, type: string): boolean =>
  items(pod, 'status', 'conditions').some(c => c['type'] === type && c['status'] === 'True');

/** True while an init container is what the pod waits for. */
function tellInit(
  pod: AnyObject,
  o: { story: Story; restartable: ReadonlySet<unknown>; sidecars: { restarts: number; last: number | undefined } },
): boolean {
  const { story, sidecars } = o;
  const total = items(pod, 'spec', 'initContainers').length;
  for (const [i, status] of items(pod, 'status', 'initContainerStatuses').entries()) {
    const sidecar = o.restartable.has(status['name']);
    story.restarts += number(status, 'restartCount');
    story.last = later(story.last, status);
    if (sidecar) {
      sidecars.restarts += number(status, 'restartCount');
      sidecars.last = later(sidecars.last, status);
    }
    const ended = terminated(status);
    if (ended && number(ended, 'exitCode') === 0) continue;
    if (sidecar && status['started'] === true) {
      if (status['ready'] === true) story.ready++;
      continue;
    }
    const waiting = waitingReason(status);
    if (ended) story.reason = `Init:${text(ended, 'reason') || exitText(ended)}`;
    else if (waiting !== '' && waiting !== 'PodInitializing') story.reason = `Init:${waiting}`;
    else story.reason = `Init:${i}/${total}`;
    return true;
  }
  return false;
}

const exitText = (ended: Json): string =>
  number(ended, 'signal') !== 0 ? `Signal:${number(ended, 'signal')}` : `ExitCode:${number(ended, 'exitCode')}`;

function later(last: number | undefined, status: Json): number | undefined {
  const finished = timeMillis(at(status, 'lastState', 'terminated', 'finishedAt'));
  return finished !== undefined && (last === undefined || finished > last) ? finished : last;
}

function tellContainers(pod: AnyObject, story: Story): void {
  let running = false;
  for (const status of items(pod, 'status', 'containerStatuses').reverse()) {
    story.restarts += number(status, 'restartCount');
    story.last = later(story.last, status);
    const ended = terminated(status);
    const waiting = waitingReason(status);
    if (waiting !== '') story.reason = waiting;
    else if (ended) story.reason = text(ended, 'reason') || exitText(ended);
    else if (status['ready'] === true && at(status, 'state', 'running')) {
      running = true;
      story.ready++;
    }
  }
  if (story.reason === 'Completed' && running) story.reason = hasCondition(pod, 'Ready') ? 'Running' : 'NotReady';
}

function placeCells(pod: AnyObject): string[] {
  const gates = items(pod, 'spec', 'readinessGates');
  const open = gates.filter(
    gate => items(pod, 'status', 'conditions').find(c => c['type'] === text(gate, 'conditionType'))?.['status'] === 'True',
  );
  return [
    orNone(text(pod, 'status', 'podIP') || text(pod, 'status', 'podIPs', 0, 'ip')),
    orNone(text(pod, 'spec', 'nodeName')),
    orNone(text(pod, 'status', 'nominatedNodeName')),
    gates.length > 0 ? `${open.length}/${gates.length}` : NONE,
  ];
}

/** What a row says beside its cells: that the pod has come to its end. */
export function podRowConditions(pod: AnyObject): Json[] | undefined {
  const phase = text(pod, 'status', 'phase');
  if (phase === 'Succeeded')
    return [{ type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' }];
  if (phase === 'Failed') return [{ type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' }];
  return undefined;
}
