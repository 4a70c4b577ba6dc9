// What serves a subresource that answers by itself: logs, exec, proxies.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { AnyObject } from '../../kube/index.ts';
import type { UserInfo } from '../auth/user.ts';

/** The socket of a connection that wants another protocol. */
export interface Upgrade {
  /** Takes the socket over; from then on the taker alone writes to it and ends it. `head`: bytes that came after the request. */
  take(): { readonly socket: Socket; readonly head: Buffer };
}

export interface Connection {
  readonly user: UserInfo;
  /** The object whose subresource is asked for. */
  readonly parent: AnyObject;
  readonly query: URLSearchParams;
  /** What follows the subresource in the path. */
  readonly rest: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
  /** Present where the request has an Upgrade header. */
  readonly upgrade?: Upgrade;
  /** Fires when the caller has gone; no more once the socket is taken. */
  readonly signal: AbortSignal;
}

/** Answers, or takes the socket; a StatusError thrown before that is the answer. */
export type Connecting = (c: Connection) => Promise<void>;
