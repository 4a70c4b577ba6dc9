import { describe, expect, it } from 'vitest';
import type { Client } from '../kube/index.ts';
import { inTurn } from './in-turn.ts';

const client = {} as Client;
const settle = () => new Promise<void>(resolve => setImmediate(resolve));

describe('writes of one object', () => {
  it('wait for each other, and not for those of other objects', async () => {
    const done: string[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>(resolve => {
      release = resolve;
    });
    const first = inTurn(client, 'a', () => held.then(() => done.push('a1')));
    const second = inTurn(client, 'a', async () => done.push('a2'));
    await inTurn(client, 'b', async () => done.push('b1'));
    await settle();
    expect(done).toEqual(['b1']);
    release();
    await Promise.all([first, second]);
    expect(done).toEqual(['b1', 'a1', 'a2']);
  });

  it('go on after one that failed', async () => {
    const failed = inTurn(client, 'a', () => Promise.reject(new Error('no')));
    const next = inTurn(client, 'a', async () => 'yes');
    await expect(failed).rejects.toThrow('no');
    await expect(next).resolves.toBe('yes');
  });
});
