// A scheduler plugin of one's own: keeps Jobs and CronJobs out of clusters labelled `quiet: "true"`, and
// prefers clusters by their label `greenness` (0..100). Use it with
//
//   flotilla up --plugins '*,./samples/scheduler-plugin/quiet-hours.mjs'
//
// A plugin is asked once a cycle for a function that is then called once for each cluster.

/** @type {import('../../scheduler/index.ts').SchedulerPlugin} */
const quietHours = {
  name: 'QuietHours',

  // The function answers why a cluster is refused, or undefined.
  filter({ spec }) {
    const isBatch = spec.resource.kind === 'Job' || spec.resource.kind === 'CronJob';
    return cluster => (isBatch && cluster.metadata.labels?.quiet === 'true' ? 'cluster(s) were in their quiet hours' : undefined);
  },

  // The function answers a whole number from 0 to 100.
  score() {
    return cluster => Math.min(100, Math.max(0, Math.trunc(Number(cluster.metadata.labels?.greenness ?? 0) || 0)));
  },
};

export default quietHours;
