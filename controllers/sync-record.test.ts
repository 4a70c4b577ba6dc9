import { describe, expect, it } from 'vitest';
import { at, resource, simulatedClock } from '../kube/index.ts';
import { MemoryServer } from './memory-server.ts';
import { PlaneIsBehindError, type PlaneState, SyncRecord } from './sync-record.ts';

const configMaps = resource({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' });
const namespaces = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });

function member() {
  const clock = simulatedClock();
  const server = new MemoryServer(clock, [configMaps, namespaces]);
  const state = {
    id: 'plane-1',
    revision: '100',
    resume: undefined as string | undefined,
    held: undefined as string | undefined,
    restored: undefined as PlaneState['restored'],
  };
  const reports: (string | undefined)[] = [];
  const record = () =>
    new SyncRecord({
      cluster: 'm1',
      client: server.client,
      clock,
      plane: () => ({ id: state.id, revision: state.revision, ...(state.restored ? { restored: state.restored } : {}) }),
      consent: () => ({ resume: state.resume, held: state.held }),
      report: given => void reports.push(given),
    });
  const recorded = () => at(server.all(configMaps)[0], 'data', 'revision');
  return { clock, server, state, reports, record, recorded };
}

describe('the record in a member', () => {
  it('is there before the first write, and follows at most every ten seconds', async () => {
    const { clock, state, record, recorded } = member();
    const r = record();
    await r.permit(undefined);
    expect(recorded()).toBe('100');
    state.revision = '101';
    await r.permit(undefined);
    await clock.advance(1);
    expect(recorded()).toBe('100');
    await clock.advance(10_000);
    await r.permit(undefined);
    await clock.advance(1);
    expect(recorded()).toBe('101');
  });

  it('stops a plane whose revisions jumped ahead when it was restored, as long as the member was given what the backup lacks', async () => {
    const { state, record } = member();
    await record().permit(undefined);
    state.revision = '1000000060';
    state.restored = { from: '60', at: '1000000060' };
    await expect(record().permit(undefined)).rejects.toThrow(PlaneIsBehindError);
    state.revision = '1000000100';
    state.restored = { from: '100', at: '1000000100' };
    await expect(record().permit(undefined)).resolves.toBeUndefined();
    state.revision = '1000000200';
    await expect(record().permit(undefined)).resolves.toBeUndefined();
  });

  it('stops a plane that was restored from an older backup, until somebody resumes it', async () => {
    const { state, reports, record, recorded } = member();
    await record().permit(undefined);
    state.revision = '60';
    const restored = record();
    await expect(restored.permit(undefined)).rejects.toThrow(PlaneIsBehindError);
    expect(recorded()).toBe('100');
    expect(reports.at(-1)).toBe('100');
    state.resume = '100';
    await restored.permit(undefined);
    expect(recorded()).toBe('60');
    expect(reports.at(-1)).toBeUndefined();
  });

  it('goes on stopping a held plane that has grown past the revision since', async () => {
    const { state, record } = member();
    await record().permit(undefined);
    state.revision = '150';
    state.held = '100';
    await expect(record().permit(undefined)).rejects.toThrow(PlaneIsBehindError);
  });

  it('does not stop a plane that only started again, nor another plane', async () => {
    const { state, record } = member();
    await record().permit(undefined);
    await record().permit(undefined);
    Object.assign(state, { id: 'plane-2', revision: '3' });
    await expect(record().permit(undefined)).resolves.toBeUndefined();
  });

  it('does not let anything through while the member cannot be asked', async () => {
    const { server, record } = member();
    server.failing = true;
    await expect(record().permit(undefined)).rejects.toThrow();
  });
});
