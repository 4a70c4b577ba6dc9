// A watch over a WebSocket, as browsers ask for it: each event is a text message.
import { badRequest } from '../../kube/index.ts';
import type { Upgrade } from '../registry/index.ts';
import type { Exchange } from './respond.ts';
import type { Carrier } from './watch-stream.ts';

const NORMAL = 1000;
/** A reader has nothing to say; pings and a close are small. */
const MAX_MESSAGE_BYTES = 1024;

/** Rejects with BadRequest where another protocol than WebSocket is asked for. The handshake is answered by `open`. */
export async function websocketCarrier(x: Exchange, upgrade: Upgrade): Promise<Carrier> {
  if (x.request.headers.upgrade?.toLowerCase() !== 'websocket') throw badRequest('a watch can only be upgraded to WebSocket');
  const { WebSocketServer } = await import('ws');
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    // A token may come as a protocol; what is chosen must be another one.
    handleProtocols: offered => [...offered].find(p => !p.startsWith('base64url.bearer.')) ?? false,
  });
  let socket: import('ws').WebSocket | undefined;
  let gone = (): void => undefined;
  return {
    open() {
      const { socket: raw, head } = upgrade.take();
      server.handleUpgrade(x.request, raw, head, made => {
        socket = made;
      });
      raw.on('close', () => gone());
    },
    send(frames) {
      for (const frame of frames) socket?.send(frame, { binary: false });
      return socket?.bufferedAmount ?? 0;
    },
    end: () => socket?.close(NORMAL),
    cut: () => socket?.terminate(),
    onGone(f) {
      gone = f;
    },
  };
}
