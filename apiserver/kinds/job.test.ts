import { expect, it } from 'vitest';
import { kindRules } from './index.ts';

type Plain = Record<string, unknown>;

const rules = kindRules('batch/v1', 'Job');
const OWN = { 'batch.kubernetes.io/job-name': 'j', 'job-name': 'j', 'batch.kubernetes.io/controller-uid': 'u', 'controller-uid': 'u' };

it.each([
  ['labels of the template are the job’s own, the generated ones too', { app: 'a' }, { app: 'a', ...OWN }],
  ['an empty map of labels is shared as well', {}, OWN],
  ['a job without labels gets the generated ones once it has been judged', undefined, undefined],
])('%s', (_, given, told) => {
  const metadata = given ? { labels: given } : {};
  const job: Plain = { metadata: { name: 'j', uid: 'u' }, spec: { template: { metadata, spec: { containers: [] } } } };
  rules?.defaults(job);
  rules?.prepareCreate?.(job);
  expect((job['metadata'] as Plain)['labels']).toEqual(told);
  rules?.settle?.(job);
  expect((job['metadata'] as Plain)['labels']).toEqual(told ?? OWN);
});
