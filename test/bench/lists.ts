// Reading much, keeping much: LIST of 10,000 objects of 2 KiB, memory an object, and starting again over 100,000.
import { load } from './http-load.ts';
import { print } from './measure.ts';
import { serverProcess } from './server-process.ts';

const NAMESPACE = 'many';

export async function lists(): Promise<void> {
  const server = await serverProcess();
  try {
    const empty = await server.memory();
    await server.fill(NAMESPACE, 10_000);
    const some = await server.memory();
    const at = { port: server.port, tls: server.tls, connections: 1, requests: 10 };
    const path = `GET /api/v1/namespaces/${NAMESPACE}/configmaps`;
    await load({ ...at, line: path, requests: 2 });
    const listed = await load({ ...at, line: path });
    const size = Math.round(listed.bytes / at.requests);
    const bare = await load({ ...at, port: server.barePort, tls: server.bareTls, line: `GET /bytes/${size}` });
    const perSecond = (l: typeof bare): number => (l.perSecond * size) / 2 ** 20;
    print({
      name: 'LIST of 10,000 objects of 2 KiB, whole',
      value: perSecond(listed),
      unit: 'MiB/s',
      limit: { name: 'static buffer', value: perSecond(bare) },
    });
    const paged = await load({ ...at, line: `${path}?limit=500`, requests: 60 });
    print({
      name: 'LIST of 10,000 objects, the first page of 500',
      value: (paged.bytes * paged.perSecond) / 60 / 2 ** 20,
      unit: 'MiB/s',
      limit: { name: 'static buffer', value: perSecond(bare) },
    });
    await server.fill('more', 90_000);
    const much = await server.memory();
    print({ name: 'memory an object of 2 KiB, 10,000 objects', value: (some - empty) / 10_000 / 1024, unit: 'KiB' });
    print({ name: 'memory an object of 2 KiB, 100,000 objects', value: (much - empty) / 100_000 / 1024, unit: 'KiB' });
    print({ name: 'start again over 100,000 objects, to listening', value: (await server.restart()) / 1000, unit: 's' });
    print({
      name: 'memory an object of 2 KiB, after starting again',
      value: ((await server.memory()) - empty) / 100_000 / 1024,
      unit: 'KiB',
    });
  } finally {
    await server.close();
  }
}
