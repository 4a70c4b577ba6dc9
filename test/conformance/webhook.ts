// A webhook of a check's own: HTTPS on a free port with a CA of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pki } from '../../apiserver/index.ts';
import { systemClock } from '../../kube/index.ts';
import type { Json } from './http.ts';

export interface Webhook {
  readonly url: string;
  /** Base64 PEM, as configurations take it. */
  readonly caBundle: string;
  /** How often it was asked. */
  calls(): number;
  close(): Promise<void>;
}

/** Answers each review with what `respond` gives, under the review's own uid. Undefined: it never answers. */
export async function webhook(respond: (review: Json) => Json | undefined): Promise<Webhook> {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-hook-'));
  const pki = await Pki.open(dir, systemClock);
  const leaf = await pki.leaf('hook', { commonName: 'hook', hosts: ['127.0.0.1'] });
  rmSync(dir, { recursive: true, force: true });
  let calls = 0;
  const server = createServer({ cert: leaf.cert, key: leaf.key }, async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const review = JSON.parse(Buffer.concat(parts).toString()) as Json;
    calls++;
    const answer = respond(review) as Json | undefined;
    if (answer === undefined) return;
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ apiVersion: review.apiVersion, kind: review.kind, response: { uid: review.request.uid, ...answer } }));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `https://127.0.0.1:${port}/hook`,
    caBundle: Buffer.from(pki.caCert).toString('base64'),
    calls: () => calls,
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
