import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../kube/index.ts';
import { serviceAllocator } from './service-allocator.ts';

const service = (spec: Record<string, unknown>): Record<string, unknown> => ({
  spec: { type: 'NodePort', ports: [{ port: 80, protocol: 'TCP' }], ...spec },
});
const allocator = () => serviceAllocator({ cidr: '10.0.0.0/29', nodePortRange: { from: 30000, to: 30001 }, random: mulberry32(7) });

describe('serviceAllocator', () => {
  it('gives each service an address and a port of its own until the range is full', () => {
    const a = allocator();
    const [one, two, three] = [service({}), service({}), service({})];
    expect([a.allocate(one), a.allocate(two)]).toEqual([[], []]);
    const ips = [one, two].map(s => (s['spec'] as { clusterIP: string }).clusterIP);
    expect(new Set(ips).size).toBe(2);
    expect(a.allocate(three).map(f => f.body)).toEqual(['Internal error: failed to allocate a nodePort: range is full']);
  });

  it('refuses an address that another service holds, and gives it once that is gone', () => {
    const a = allocator();
    const held = service({ type: 'ClusterIP', clusterIP: '10.0.0.3', clusterIPs: ['10.0.0.3'] });
    a.adopt(held);
    const wish = () => service({ type: 'ClusterIP', clusterIP: '10.0.0.3', clusterIPs: ['10.0.0.3'] });
    expect(a.allocate(wish())[0]?.body).toContain('provided IP is already allocated');
  });

  it('gives a released address to the next who asks', () => {
    const a = allocator();
    const held = service({ type: 'ClusterIP', clusterIP: '10.0.0.3', clusterIPs: ['10.0.0.3'] });
    a.adopt(held);
    a.release(held);
    expect(a.allocate(service({ type: 'ClusterIP', clusterIP: '10.0.0.3', clusterIPs: ['10.0.0.3'] }))).toEqual([]);
  });

  it('takes nothing from the owner of an address when another asks for it in vain', () => {
    const a = allocator();
    const held = service({ type: 'ClusterIP', clusterIP: '10.0.0.3', clusterIPs: ['10.0.0.3'] });
    a.adopt(held);
    a.allocate(service({ type: 'ClusterIP', clusterIP: '10.0.0.3', clusterIPs: ['10.0.0.3'] }));
    expect(a.allocate(service({ type: 'ClusterIP', clusterIP: '10.0.0.3', clusterIPs: ['10.0.0.3'] }))).toHaveLength(1);
  });
});
