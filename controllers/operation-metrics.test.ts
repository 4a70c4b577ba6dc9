import { expect, it } from 'vitest';
import { type AnyObject, Metrics, simulatedClock } from '../kube/index.ts';
import { evictions, memberWrites, preemptions, searches, statusDuration } from './operation-metrics.ts';

const manifest: AnyObject = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace: 'default', name: 'web' } };
const fails = async (): Promise<never> => {
  throw new Error('refused');
};

it('writes into members count by outcome, kind and member, under the names and labels of the reference', async () => {
  const metrics = new Metrics();
  const writes = memberWrites(metrics);
  await writes.create(manifest, 'm1', async () => 1);
  await writes.update(
    manifest,
    'm1',
    async () => 1,
    () => 'updated',
  );
  await expect(writes.update(manifest, 'm1', fails, () => 'updated')).rejects.toThrow('refused');
  await expect(writes.remove(manifest, 'm2', fails)).rejects.toThrow('refused');
  const samples = metrics.text().split('\n');
  const of = 'apiversion="apps/v1",kind="Deployment"';
  expect(samples).toContain(`create_resource_to_cluster{result="success",${of},member_cluster="m1",recreate="false"} 1`);
  expect(samples).toContain(`update_resource_to_cluster{result="success",${of},member_cluster="m1",operationResult="updated"} 1`);
  expect(samples).toContain(`update_resource_to_cluster{result="error",${of},member_cluster="m1",operationResult="none"} 1`);
  expect(samples).toContain(`delete_resource_from_cluster{result="error",${of},member_cluster="m2"} 1`);
});

it('status, preemption, search and eviction are counted', async () => {
  const metrics = new Metrics();
  const clock = simulatedClock();
  await expect(statusDuration(metrics, clock)('m1', fails)).rejects.toThrow('refused');
  await preemptions(metrics)(async () => undefined);
  expect(searches(metrics, clock)(() => 'found')).toBe('found');
  await evictions(metrics, 'binding-eviction', clock)(async () => undefined);
  const samples = metrics.text().split('\n');
  expect(samples).toContain('cluster_sync_status_duration_seconds_count{member_cluster="m1"} 1');
  expect(samples).toContain('cluster_sync_status_duration_seconds_bucket{member_cluster="m1",le="0.005"} 1');
  expect(samples).toContain('policy_preemption_total{result="success"} 1');
  expect(samples).toContain('resource_match_policy_duration_seconds_bucket{le="0.001"} 1');
  expect(samples).toContain('eviction_processing_total{name="binding-eviction",result="success"} 1');
  expect(samples).toContain('eviction_processing_latency_seconds_bucket{name="binding-eviction",le="16.384"} 1');
});
