// What is open on a server, so that it can end in order: requests in flight are answered, idle connections close, and what is
// still there after a while is cut.
import type { Http2SecureServer, ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { type Clock, sleep } from '../../kube/index.ts';

export class Connections {
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  #inFlight = 0;
  #answered = (): void => undefined;

  /** `idleMs`: how long an HTTP/2 connection is kept on which nothing goes on. */
  constructor(server: Http2SecureServer, idleMs: number) {
    server.on('secureConnection', socket => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('session', session => {
      this.#sessions.add(session);
      session.once('close', () => this.#sessions.delete(session));
      closeWhenIdle(session, idleMs);
    });
    server.on('request', (_request, response) => {
      this.#inFlight++;
      response.once('close', () => {
        this.#inFlight--;
        if (this.#inFlight === 0) this.#answered();
      });
    });
  }

  /** Resolves when nothing is open any more: at once where nothing is in flight, after `graceMs` at the latest. */
  async end(clock: Clock, graceMs: number): Promise<void> {
    for (const session of this.#sessions) session.close();
    const answered = new AbortController();
    this.#answered = () => answered.abort();
    if (this.#inFlight > 0) await sleep(clock, graceMs, answered.signal).catch(() => undefined);
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** A session that carries a silent watch is not idle, whatever its socket says. */
function closeWhenIdle(session: ServerHttp2Session, idleMs: number): void {
  let streams = 0;
  session.on('stream', stream => {
    streams++;
    stream.once('close', () => streams--);
  });
  session.setTimeout(idleMs, () => {
    if (streams === 0) session.close();
  });
}
