// Port-forward: whatever is sent to a port of a pod is answered by a text that names pod and port; over HTTP as an answer of HTTP.
import type { Pod } from '../kinds.ts';
import { SpdyConnection, type SpdyStream, type Wire } from './spdy/connection.ts';

/** Each forwarded connection is two streams with the same `requestid`: data, and errors. */
export function forwardPorts(pod: Pod, wire: Wire): Promise<void> {
  const closed = new Promise<void>(resolve => wire.onClose(() => resolve()));
  const errors = new Map<string, SpdyStream>();
  new SpdyConnection(wire, stream => {
    const request = stream.headers.get('requestid') ?? '';
    if (stream.headers.get('streamtype') === 'error') {
      errors.set(request, stream);
      return;
    }
    const error = errors.get(request);
    errors.delete(request);
    serve(pod, Number(stream.headers.get('port') ?? 0), stream)
      .catch(() => undefined)
      .finally(() => {
        stream.end();
        error?.end();
      });
  });
  return closed;
}

const HTTP = /^[A-Z]+ \S+ HTTP\/1\.[01]\r?\n/;

async function serve(pod: Pod, port: number, stream: SpdyStream): Promise<void> {
  const { namespace, name } = pod.metadata;
  for await (const chunk of stream.input) {
    const [line = ''] = chunk.toString().split(/\r?\n/, 1);
    const text = `${namespace}/${name} port ${port}: ${line}\n`;
    if (!HTTP.test(chunk.toString())) {
      stream.write(text);
      continue;
    }
    const head = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n`;
    stream.write(head + text);
    return;
  }
}
