import type { SchedulerPlugin } from '../framework/plugin.ts';
import type { Cluster } from '../types.ts';

const MISSING = new Map<string, (cluster: Cluster) => string | undefined>([
  ['provider', c => (c.spec?.provider ? undefined : 'cluster(s) did not have provider property')],
  ['region', c => (c.spec?.region ? undefined : 'cluster(s) did not have region property')],
  ['zone', c => (c.spec?.zones?.length ? undefined : 'cluster(s) did not have zones property')],
]);

/** Refuses clusters without a property that the placement spreads by. */
export const spreadConstraint: SchedulerPlugin = {
  name: 'SpreadConstraint',
  filter: ({ placement }) => {
    const checks = (placement.spreadConstraints ?? []).flatMap(c => MISSING.get(c.spreadByField ?? '') ?? []);
    return cluster => {
      for (const missing of checks) {
        const reason = missing(cluster);
        if (reason) return reason;
      }
      return undefined;
    };
  },
};
