// The door of the admission rules.
export * from './admission.ts';
export { admissionContext, judge } from './admit.ts';
export { isValidCronSchedule } from './autoscaling/cron-schedule.ts';

export { mutateCluster, prepareCluster } from './cluster/mutate.ts';
export { validateCluster } from './cluster/validate.ts';
export { clusterName } from './cluster-name.ts';
export { webhookConfigurations } from './configurations.ts';
export { luaCompiler } from './interpreter/compile-lua.ts';

export { type ReviewOptions, reviewAdmission, reviewConversion } from './review.ts';
export { admissionRules, ruleAt } from './rules.ts';
