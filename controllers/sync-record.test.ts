import { describe, expect, it } from 'vitest';
import { at, resource, simulatedClock } from '../kube/index.ts';
import { MemoryServer } from './memory-server.ts';
import { PlaneIsBehindError, SyncRecord } from './sync-record.ts';

const configMaps = resource({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' });
const namespaces = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });

function member() {
  const clock = simulatedClock();
  const server = new MemoryServer(clock, [configMaps, namespaces]);
  const state = { id: 'plane-1', revision: '100' };
  /** What the control plane has on disk. */
  const hub = {
    uid: 'u1',
    given: undefined as string | undefined,
    held: undefined as string | undefined,
    resume: undefined as string | undefined,
  };
  const reports: (string | undefined)[] = [];
  const order: string[] = [];
  const record = () =>
    new SyncRecord({
      cluster: 'm1',
      client: server.client,
      clock,
      signal: new AbortController().signal,
      plane: () => ({ ...state }),
      remembered: async () => ({ ...hub }),
      remember: async given => {
        hub.given = given;
        order.push(`hub ${given}, member ${String(recorded())}`);
      },
      report: given => void reports.push(given),
    });
  const recorded = () => at(server.all(configMaps)[0], 'data', 'revision');
  return { clock, server, state, hub, reports, order, record, recorded };
}

describe('the record in a member', () => {
  it('is there before the first write, and follows ten seconds later however little is written', async () => {
    const { clock, state, record, recorded } = member();
    const r = record();
    await r.permit(undefined);
    expect(recorded()).toBe('100');
    state.revision = '101';
    await r.permit(undefined);
    await clock.advance(1);
    expect(recorded()).toBe('100');
    state.revision = '102';
    await clock.advance(10_000);
    expect(recorded()).toBe('102');
  });

  it('is written on the Cluster before it is written into the member', async () => {
    const { order, record } = member();
    await record().permit(undefined);
    expect(order).toEqual(['hub 100, member undefined']);
  });

  it('stops a plane that was restored from an older backup, until somebody resumes it', async () => {
    const { state, hub, reports, record, recorded } = member();
    await record().permit(undefined);
    const backup = { ...hub };
    state.revision = '140';
    await record().permit(undefined);
    Object.assign(hub, backup);
    state.revision = '110';
    const restored = record();
    await expect(restored.permit(undefined)).rejects.toThrow(PlaneIsBehindError);
    expect(recorded()).toBe('140');
    expect(reports.at(-1)).toBe('140');
    hub.resume = '140';
    await restored.permit(undefined);
    expect(recorded()).toBe('110');
    expect(reports.at(-1)).toBeUndefined();
  });

  it('stops it however far its revision has grown since', async () => {
    const { state, hub, record } = member();
    await record().permit(undefined);
    hub.given = undefined;
    state.revision = '5000';
    await expect(record().permit(undefined)).rejects.toThrow(PlaneIsBehindError);
  });

  it('goes on stopping a plane that says on the Cluster that it is held', async () => {
    const { hub, record } = member();
    await record().permit(undefined);
    hub.held = '100';
    await expect(record().permit(undefined)).rejects.toThrow(PlaneIsBehindError);
  });

  it('does not stop a plane that only started again, nor another plane, nor one that the member was joined to anew', async () => {
    const { state, hub, record } = member();
    await record().permit(undefined);
    await record().permit(undefined);
    Object.assign(hub, { uid: 'u2', given: undefined });
    await expect(record().permit(undefined)).resolves.toBeUndefined();
    Object.assign(state, { id: 'plane-2', revision: '3' });
    Object.assign(hub, { uid: 'u3', given: undefined });
    await expect(record().permit(undefined)).resolves.toBeUndefined();
  });

  it('does not let anything through while the member cannot be asked', async () => {
    const { server, record } = member();
    server.failing = true;
    await expect(record().permit(undefined)).rejects.toThrow();
  });
});
