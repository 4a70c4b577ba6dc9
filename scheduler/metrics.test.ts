import { expect, it } from 'vitest';
import { Metrics, simulatedClock } from '../kube/index.ts';
import type { SchedulerPlugin } from './framework/plugin.ts';
import { schedulerMetrics } from './metrics.ts';

const plugin: SchedulerPlugin = {
  name: 'Picky',
  filter: () => cluster => (cluster.metadata.name === 'b' ? 'not b' : undefined),
  score: () => () => 7,
};

it('a cycle is measured step by step, and one in ten plugin by plugin, with the same answers', () => {
  const metrics = new Metrics();
  const counted = schedulerMetrics(metrics, simulatedClock(), () => ({ active: 2, backoff: 1, unschedulable: 0 }));
  for (let i = 0; i < 11; i++) {
    const { plugins, lap } = counted.cycle([plugin]);
    const context = {} as Parameters<NonNullable<SchedulerPlugin['filter']>>[0];
    const cluster = (name: string) => ({ apiVersion: 'cluster.karmada.io/v1alpha1', kind: 'Cluster', metadata: { name }, spec: {} });
    expect(['a', 'b'].map(name => plugins[0]?.filter?.(context)(cluster(name)))).toEqual([undefined, 'not b']);
    lap('Filter');
    expect(plugins[0]?.score?.(context)(cluster('a'))).toBe(7);
    lap('Score');
  }
  for (const trigger of ['placementChanged', 'rescheduleRequested', 'always', 'targetTerminating'] as const)
    counted.attempted(trigger, { failed: false, since: 0 });
  counted.attempted('replicasChanged', { failed: true, since: 0 });
  counted.attempted('none', { failed: false, since: 0 });
  const text = metrics.text();
  expect(text).toContain('karmada_scheduler_scheduling_algorithm_duration_seconds_count{schedule_step="Filter"} 11');
  expect(text).toContain(
    'karmada_scheduler_plugin_execution_duration_seconds_count{plugin="Picky",extension_point="Score",result="Success"} 2',
  );
  expect(text.split('\n').filter(line => line.startsWith('karmada_scheduler_schedule_attempts_total{'))).toEqual([
    'karmada_scheduler_schedule_attempts_total{result="scheduled",schedule_type="ReconcileSchedule"} 4',
    'karmada_scheduler_schedule_attempts_total{result="error",schedule_type="ScaleSchedule"} 1',
  ]);
  expect(text).toContain('karmada_scheduler_pending_bindings{queue="backoff"} 1');
});
