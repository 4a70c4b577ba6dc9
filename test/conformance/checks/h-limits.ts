// Group H, limits and the protocol: 138, 139, 141 to 143.
import { connect } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { raw } from '../check.ts';
import { equal, expect, matches } from '../expect.ts';
import { ok, status } from '../http.ts';
import type { RawSession } from '../session.ts';

const MIB = 1024 * 1024;

/** Sends bytes over a connection of its own and gives back what comes until it is quiet for a while. */
function speak(t: RawSession, text: string, enough: (seen: string) => boolean): Promise<string> {
  const { hostname, port } = new URL(t.http.access.server);
  const socket = connect({ host: hostname, port: Number(port), ...t.http.access, ALPNProtocols: ['http/1.1'] });
  return new Promise((resolve, reject) => {
    let seen = '';
    socket.on('secureConnect', () => socket.write(text));
    socket.on('data', part => {
      seen += part.toString();
      if (enough(seen)) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(seen));
    socket.setTimeout(10_000, () => socket.destroy());
  });
}

export const limitChecks = [
  raw('H138', 'what is too large', async t => {
    const body = JSON.stringify({ metadata: { name: 'a' }, data: { x: 'x'.repeat(3.1 * MIB) } });
    const large = await t.send('POST', t.core('configmaps'), { body, headers: { 'Content-Type': 'application/json' } });
    matches(status(large, 413, 'RequestEntityTooLarge').message, /limit is 3145728/);
    await t.configMap('a');
    const operations = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/data/k', value: 'v' }));
    status(await t.patch(t.core('configmaps', 'a'), 'json-patch+json', JSON.stringify(operations)), 413, 'RequestEntityTooLarge');
    const annotations = { a: 'x'.repeat(257 * 1024) };
    matches(
      status(await t.send('POST', t.core('configmaps'), { body: { metadata: { name: 'b', annotations } } }), 422, 'Invalid').message,
      /metadata\.annotations: Too long/,
    );
  }),
  raw('H139', 'what cannot be read', async t => {
    const post = (body: string, type: string, query = '') =>
      t.send('POST', t.core('configmaps', '', query), { body, headers: { 'Content-Type': type } });
    status(await post('{"metadata":', 'application/json'), 400, 'BadRequest');
    status(await post('a: [b', 'application/yaml'), 400, 'BadRequest');
    const twice = 'metadata: {name: a}\ndata: {k: "1"}\ndata: {l: "2"}\n';
    matches(
      status(await post(twice, 'application/yaml', 'fieldValidation=Strict'), 400, 'BadRequest').message,
      /strict decoding error[\s\S]*(already set in map|duplicate field)/,
    );
    status(await post('<a/>', 'text/xml'), 415, 'UnsupportedMediaType');
  }),
  raw('H141', '500 writes at once: all end up done', async t => {
    const send = async (i: number): Promise<number> => {
      for (let tries = 0; ; tries++) {
        const answer = await t.send('POST', t.core('configmaps'), { body: { metadata: { name: `p-${i}` } } });
        if (answer.status !== 429) return answer.status;
        expect(answer.headers['retry-after'] !== undefined, '429 without Retry-After');
        expect(tries < 20, 'never taken');
      }
    };
    const codes = await Promise.all(Array.from({ length: 500 }, (_, i) => send(i)));
    equal([...new Set(codes)], [201], 'codes');
    equal(
      (await t.get(t.core('configmaps'))).items.filter((i: { metadata: { name: string } }) => i.metadata.name.startsWith('p-')).length,
      500,
      'stored',
    );
  }),
  raw('H142', 'gzip for large answers, never for watches', async t => {
    for (let i = 0; i < 4; i++) await t.configMap(`big-${i}`, { x: 'x'.repeat(MIB / 2) });
    const headers = { 'Accept-Encoding': 'gzip' };
    const zipped = await t.send('GET', t.core('configmaps'), { headers });
    equal([zipped.headers['content-encoding'], zipped.headers['vary']], ['gzip', 'Accept-Encoding'], 'headers');
    equal(
      JSON.parse(gunzipSync(zipped.bytes).toString()).items.filter((i: { metadata: { name: string } }) => i.metadata.name.startsWith('big'))
        .length,
      4,
      'items',
    );
    const small = await t.send('GET', t.core('configmaps', '', 'limit=0&labelSelector=no'), { headers });
    equal(small.headers['content-encoding'], undefined, 'a small answer');
    const watching = await t.watch(t.core('configmaps', '', 'watch=1'), { headers });
    equal(watching.headers['content-encoding'], undefined, 'a watch');
    await watching.until('an event', f => f.type === 'ADDED');
    watching.close();
  }),
  raw('H143', 'keep-alive, pipelining, 100-continue, HEAD, OPTIONS', async t => {
    const get = `GET /version HTTP/1.1\r\nHost: x\r\n\r\n`;
    const answers = await speak(t, get + get + get, seen => seen.split('"gitVersion"').length === 4);
    equal(answers.split('HTTP/1.1 200').length, 4, 'three answers on one connection');
    const body = '{"metadata":{"name":"continued"}}';
    const head = `POST ${t.core('configmaps')} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`;
    matches(await speak(t, head + body, seen => /HTTP\/1\.1 (201|4)/.test(seen)), /HTTP\/1\.1 100 Continue[\s\S]*HTTP\/1\.1 201/);
    for (const method of ['HEAD', 'OPTIONS', 'TRACE']) equal((await t.send(method, t.core('configmaps'))).status, 405, method);
    equal(ok(await t.send('GET', '/version/'), 200).major, '1', 'a trailing slash');
  }),
];
