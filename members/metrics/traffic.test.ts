import { expect, test } from 'vitest';
import type { Pod, Service } from '../kinds.ts';
import { made } from '../simulated-member.ts';
import { busyPods } from './traffic.ts';
import { podUsage } from './usage.ts';

const pod = (
  name: string,
  o: { labels?: Record<string, string>; args?: string[]; namespace?: string; limits?: Record<string, string> },
): Pod =>
  made({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: name, namespace: o.namespace ?? 'shop', labels: o.labels ?? {} },
    spec: {
      containers: [
        {
          name: 'c',
          image: 'alpine:3',
          ...(o.args ? { command: ['/bin/sh', '-c'], args: o.args } : {}),
          ...(o.limits ? { resources: { limits: o.limits, requests: o.limits } } : {}),
        },
      ],
    },
    status: { phase: 'Running' },
  });
const service: Service = made({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
});
const web = pod('web-1', { labels: { app: 'web' }, limits: { cpu: '10m' } });
const busy = (caller: Pod): readonly string[] => [...busyPods([caller, web, pod('other', {})], [service])];

test('pods behind a Service that is called in an endless loop are busy, from its namespace and from others', () => {
  expect(busy(pod('caller', { args: ['while true; do wget -q -O- http://web; done'] }))).toEqual(['web-1']);
  expect(busy(pod('caller', { namespace: 'load', args: ['while true; do curl http://web.shop:80; done'] }))).toEqual(['web-1']);
});

test('one call, another Service and a caller that does not run keep nobody busy', () => {
  expect(busy(pod('caller', { args: ['curl http://web'] }))).toEqual([]);
  expect(busy(pod('caller', { namespace: 'load', args: ['while true; do curl http://web; done'] }))).toEqual([]);
  expect(busy({ ...pod('caller', { args: ['while true; do curl http://web; done'] }), status: { phase: 'Pending' } })).toEqual([]);
});

test('a busy pod uses the cpu it may, another one a tenth of what it requests', () => {
  expect(podUsage(web, new Set(['web-1'])).milliCpu).toBe(10n);
  expect(podUsage(web, new Set()).milliCpu).toBe(1n);
});
