import { expect, test } from 'vitest';
import { podWarnings } from './warnings.ts';

const container = (fields: object): object => ({ spec: { containers: [{ name: 'c', ...fields }] } });
const port = (fields: object): object => ({ containerPort: 80, protocol: 'TCP', ...fields });
const items = (...paths: string[]): object[] => paths.map(path => ({ path }));

test.each([
  [
    'a variable set anew',
    container({
      env: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
    }),
    ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'],
  ],
  [
    'a variable built upon itself',
    container({
      env: [
        { name: 'A', value: '1' },
        { name: 'A', value: '$(A)2' },
      ],
    }),
    [],
  ],
  [
    'a port twice',
    container({ ports: [port({}), port({})] }),
    ['spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]'],
  ],
  [
    'a port with and without a host port',
    container({ ports: [port({}), port({ hostPort: 8 })] }),
    ['spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]'],
  ],
  ['a port on two host ports', container({ ports: [port({ hostPort: 8 }), port({ hostPort: 9 })] }), []],
  [
    'a host port on all addresses and on one',
    container({ ports: [port({ hostPort: 8 }), port({ hostPort: 8, hostIP: '1.1.1.1' })] }),
    ['spec.containers[0].ports[1]: dangerously ambiguous port definition with spec.containers[0].ports[0]'],
  ],
  [
    'files in each other’s way',
    { spec: { volumes: [{ name: 'v', downwardAPI: { items: items('a', 'a/b', 'c') } }] } },
    ['volume "v" (DownwardAPI): overlapping paths: "a/b" with "a"'],
  ],
  [
    'an address with leading zeros',
    { spec: { hostAliases: [{ ip: '10.0.0.01' }] } },
    ['spec.hostAliases[0].ip: non-standard IP address "10.0.0.01" is invalid: use "10.0.0.1"'],
  ],
  [
    'an old label of nodes',
    { spec: { nodeSelector: { 'node-role.kubernetes.io/master': '' } } },
    ['spec.nodeSelector[node-role.kubernetes.io/master]: use "node-role.kubernetes.io/control-plane" instead'],
  ],
] as const)('tells of %s what there is to tell', (_, pod, told) => {
  expect(podWarnings('', pod as Record<string, unknown>)).toEqual(told);
});
