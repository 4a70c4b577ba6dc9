import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bombFaults, type FuzzServer, fuzzServer, parserTargets, serverTargets } from './targets.ts';

/** Fixed, so that a run that fails fails again; `npm run fuzz` takes others. */
const SEED = 20_260_101;
const SECONDS = 1.5;

let server: FuzzServer;
beforeAll(async () => {
  server = await fuzzServer();
});
afterAll(() => server.close());

describe('bad input', () => {
  for (const target of parserTargets) {
    test(`${target.name} are taken or refused, quickly`, { timeout: 60_000 }, () => target.run({ seconds: SECONDS, seed: SEED }));
  }
  for (const name of ['requests', 'patches of an object', 'workloads', 'definitions']) {
    test(`the server takes or refuses ${name}, quickly`, { timeout: 60_000 }, async () => {
      await serverTargets(server)
        .find(t => t.name === name)
        ?.run({ seconds: SECONDS, seed: SEED });
    });
  }
  test('what is made to cost much does not', { timeout: 60_000 }, async () => {
    expect(await bombFaults(server)).toEqual([]);
  });
});
