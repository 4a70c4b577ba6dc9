// Connections that change their protocol (exec, attach, port-forward, proxies): the request goes the way of every other one, so
// that refusals are ordinary answers; whoever serves it may take the socket over instead of answering.
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Upgrade } from '../registry/index.ts';
import { handle } from './handler.ts';
import type { HttpServerParts } from './server-parts.ts';

/** Serves one request with an Upgrade header; resolves when it is answered or its socket taken. */
export async function serveUpgrade(parts: HttpServerParts, request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.on('finish', () => socket.end());
  // A caller that goes away in mid-stream is no failure; the close event that follows ends what was begun.
  socket.on('error', () => socket.destroy());
  const cut = (): void => void socket.destroy();
  parts.stopping.addEventListener('abort', cut, { once: true });
  socket.on('close', () => parts.stopping.removeEventListener('abort', cut));
  const upgrade: Upgrade = {
    take() {
      response.detachSocket(socket);
      return { socket, head };
    },
  };
  await handle(parts, request, response, { body: Buffer.alloc(0), upgrade });
}
