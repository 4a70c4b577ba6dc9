import { describe, expect, it } from 'vitest';
import { findSuites, readFloor, runSuite, vectorsDir } from './runner.ts';

const dir = vectorsDir();

describe.runIf(dir)('recorded vectors', () => {
  const floor = readFloor();
  const suites = dir ? findSuites(dir).filter(f => floor[f.name] !== undefined) : [];
  for (const found of suites) {
    it(`${found.name} agrees with at least ${floor[found.name]} recordings`, { timeout: 600_000 }, async () => {
      const result = await runSuite(found, 3);
      expect(result.agreed, JSON.stringify(result.differences, null, 1).slice(0, 4000)).toBeGreaterThanOrEqual(floor[found.name] ?? 0);
    });
  }
});
