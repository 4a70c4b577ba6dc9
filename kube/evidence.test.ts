import { describe, expect, it } from 'vitest';
import { answeredNotFound, NoEvidenceError, notWantedBy, ownerIsTerminating, refusedBySnapshot, watchedDeletion } from './evidence.ts';
import { noSuchResource, notFound, unavailable } from './status-error.ts';

const owner = { apiVersion: 'v1', kind: 'Owner', metadata: { name: 'o', uid: 'u', resourceVersion: '7' } };
const complete = { hasSynced: true, revision: '9' };

describe('evidence', () => {
  it('is an owner that is being deleted', () => {
    const terminating = { ...owner, metadata: { ...owner.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(ownerIsTerminating(terminating).revision).toBe('7');
    expect(() => ownerIsTerminating(owner)).toThrow(NoEvidenceError);
  });

  it('is an owner that does not want the item, but not one that was never read or still wants it', () => {
    expect(notWantedBy(owner, { wanted: new Set(['a']), item: 'b' }).because).toBe('Owner o does not want b');
    expect(() => notWantedBy(owner, { wanted: new Set(['b']), item: 'b' })).toThrow('still wants b');
    const unread = { ...owner, metadata: { name: 'o' } };
    expect(() => notWantedBy(unread, { wanted: new Set(), item: 'b' })).toThrow(NoEvidenceError);
  });

  it('is not a snapshot that is incomplete, or that does not hold the object', () => {
    expect(refusedBySnapshot(complete, { seen: owner, why: 'tainted' }).because).toBe('Owner o: tainted');
    expect(() => refusedBySnapshot({ hasSynced: false, revision: '' }, { seen: owner, why: 'x' })).toThrow(NoEvidenceError);
    expect(() => refusedBySnapshot(complete, { seen: undefined, why: 'x' })).toThrow(NoEvidenceError);
  });

  it('is a deletion that a complete copy has watched, but not an absence in a cold one', () => {
    const empty = { ...complete, get: () => undefined };
    expect(watchedDeletion(empty, owner, 'o').because).toBe('Owner o was deleted');
    expect(() => watchedDeletion({ ...empty, hasSynced: false }, owner, 'o')).toThrow(NoEvidenceError);
    expect(() => watchedDeletion({ ...complete, get: () => owner }, owner, 'o')).toThrow('is there');
  });
});

describe('an answer that something is not there', () => {
  const about = { kind: 'ConfigMap', name: 'c' };

  it('is evidence when it is about that very name', () => {
    expect(answeredNotFound(notFound({ group: '', plural: 'configmaps', name: 'c' }), about).because).toContain('ConfigMap c');
  });

  it('is none when it is about another name, another failure, or a path that the server does not know', () => {
    for (const error of [
      notFound({ group: '', plural: 'configmaps', name: 'd' }),
      unavailable('down'),
      noSuchResource(),
      new Error('not found'),
    ])
      expect(() => answeredNotFound(error, about)).toThrow(NoEvidenceError);
  });
});
