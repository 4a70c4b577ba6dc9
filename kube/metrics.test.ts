import { describe, expect, it } from 'vitest';
import { simulatedClock } from './clock.ts';
import { controller } from './controller.ts';
import { exponentialBuckets, Metrics } from './metrics.ts';

describe('metrics', () => {
  it('are written in the exposition format, label values escaped', () => {
    const metrics = new Metrics();
    metrics
      .counter({ name: 'asked_total', help: 'Questions.\nAll.', labels: ['who'] })
      .of('a "b"\\\n')
      .add();
    metrics
      .counter({ name: 'asked_total', help: '', labels: ['who'] })
      .of('c')
      .add(2);
    metrics.read({ name: 'depth', help: 'Now.' }, () => [[[], 3]]);
    expect(metrics.text()).toBe(
      [
        '# HELP asked_total Questions.\\nAll.',
        '# TYPE asked_total counter',
        'asked_total{who="a \\"b\\"\\\\\\n"} 1',
        'asked_total{who="c"} 2',
        '# HELP depth Now.',
        '# TYPE depth gauge',
        'depth 3',
        '',
      ].join('\n'),
    );
  });

  it('count what is at a bound below it, cumulatively', () => {
    const metrics = new Metrics();
    const series = metrics.histogram({ name: 'took', help: 'h', buckets: [0.1, 1] }).of();
    for (const value of [0.1, 0.5, 7]) series.observe(value);
    expect(metrics.text().split('\n').slice(2, 7)).toEqual([
      'took_bucket{le="0.1"} 1',
      'took_bucket{le="1"} 2',
      'took_bucket{le="+Inf"} 3',
      'took_sum 7.6',
      'took_count 3',
    ]);
  });

  it('add the readings of several readers for the same labels', () => {
    const metrics = new Metrics();
    for (const n of [1, 2]) metrics.read({ name: 'depth', help: 'h', labels: ['name'] }, () => [[['q'], n]]);
    expect(metrics.text()).toContain('depth{name="q"} 3');
  });

  it('take no more series than they can hold', () => {
    const metrics = new Metrics();
    const family = metrics.counter({ name: 'n', help: 'h', labels: ['l'] });
    for (let i = 0; i < 5000; i++) family.of(String(i)).add();
    expect(metrics.text().split('\n').length).toBeLessThan(4100);
  });

  it('have bounds without noise', () => {
    expect(exponentialBuckets(0.001, 2, 4)).toEqual([0.001, 0.002, 0.004, 0.008]);
    expect(exponentialBuckets(1e-8, 10, 3)).toEqual([1e-8, 1e-7, 1e-6]);
  });

  it('tell how a controller and its queue do', async () => {
    const metrics = new Metrics();
    const clock = simulatedClock();
    const stop = new AbortController();
    let failures = 1;
    const c = controller({
      name: 'tester/lane',
      clock,
      metrics,
      sources: [{ synced: Promise.resolve(), start: () => () => undefined }],
      async reconcile() {
        if (failures-- > 0) throw new Error('not yet');
      },
    });
    const running = c.run(stop.signal);
    c.queue.add('a');
    await clock.advance(1000);
    const text = metrics.text();
    expect(text).toContain('controller_runtime_reconcile_total{controller="tester",result="error"} 1');
    expect(text).toContain('controller_runtime_reconcile_total{controller="tester",result="success"} 1');
    expect(text).toContain('workqueue_adds_total{name="tester"} 2');
    expect(text).toContain('workqueue_retries_total{name="tester"} 1');
    expect(text).toContain('workqueue_depth{name="tester"} 0');
    stop.abort();
    await running;
  });
});
