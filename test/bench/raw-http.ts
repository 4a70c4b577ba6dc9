// Raw HTTP/1.1 over TLS on kept connections, one request at a time on each: as little work as a client can do, so that the server
// is what is measured.
import { connect, type TLSSocket } from 'node:tls';

export interface RawServer {
  readonly port: number;
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
}

export interface RawAnswer {
  readonly status: string;
  /** The status line and the headers. */
  readonly head: string;
  /** Head and body together. */
  readonly bytes: number;
  body(): string;
}

/** `line` is `METHOD /path`; `body` is JSON. */
export function requestText(line: string, body?: string): string {
  const type = body === undefined ? '' : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
  return `${line} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nUser-Agent: load\r\n${type}\r\n${body ?? ''}`;
}

export function open(o: RawServer): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: o.port, ...o.tls, ALPNProtocols: ['http/1.1'] }, () => resolve(socket));
    socket.setNoDelay(true);
    socket.once('error', reject);
  });
}

/** Rejects where the server ends the connection before the answer is whole. */
export function ask(socket: TLSSocket, text: string): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let head = '';
    let bodyAt = -1;
    let want = -1;
    let got = 0;
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      got += chunk.length;
      if (want < 0) {
        head += chunk.toString('latin1');
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        const length = /\r\ncontent-length: (\d+)/i.exec(head);
        bodyAt = end + 4;
        want = bodyAt + Number(length?.[1] ?? 0);
      }
      if (got < want) return;
      socket.off('data', onData);
      socket.off('close', onClose);
      resolve({ status: head.slice(9, 12), head, bytes: got, body: () => Buffer.concat(chunks).toString('utf8', bodyAt) });
    };
    const onClose = (): void => reject(new Error(`the server closed the connection: ${head.slice(0, 200)}`));
    socket.on('data', onData);
    socket.once('close', onClose);
    socket.write(text);
  });
}
