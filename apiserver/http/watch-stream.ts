// A watch on the wire: one JSON document a line, headers at once, events of one commit in one write. A reader that falls
// behind is cut off; it lists and watches again.
import type { StatusError } from '../../kube/index.ts';
import type { Cache, Entry } from '../cache/index.ts';
import type { Served, Sink, WatchType } from '../registry/index.ts';
import type { Exchange } from './respond.ts';

const MAX_PENDING_BYTES = 16 * 1024 * 1024;
/** With an error, so that over HTTP/2 the stream is reset: its end in the middle of a frame is no clean one. */
const BEHIND = new Error('the reader has fallen behind');

/** Makes the frame's object for a representation other than the stored one (Table, PartialObjectMetadata). */
export interface Rendering {
  /** Shared frames are kept under this name: equal names, equal bytes. '' = never shared. */
  readonly id: string;
  object(entry: Entry): Buffer;
  bookmark(revision: number, initialEnd: boolean): Buffer;
}

export function plainRendering(s: Served): Rendering {
  const head = `{"kind":${JSON.stringify(s.resource.kind)},"apiVersion":${JSON.stringify(s.resource.group ? `${s.resource.group}/${s.resource.version}` : s.resource.version)},`;
  return {
    id: `plain ${s.viewId}`,
    object: entry => entry.bytes,
    bookmark: (revision, initialEnd) => {
      const annotations = initialEnd ? ',"annotations":{"k8s.io/initial-events-end":"true"}' : '';
      return Buffer.from(`${head}"metadata":{"resourceVersion":"${revision}"${annotations}}}`);
    },
  };
}

const END = Buffer.from('}\n');
const START = new Map<string, Buffer>(
  ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'].map(t => [t, Buffer.from(`{"type":"${t}","object":`)]),
);

/** What carries frames to the reader. */
export interface Carrier {
  /** Sends what comes before the first frame. */
  open(): void;
  /** Sends frames; how many bytes wait for the reader. */
  send(frames: readonly Buffer[]): number;
  /** Ends cleanly, behind what was sent. */
  end(): void;
  /** Ends at once. */
  cut(): void;
  /** `f` is called when the reader is gone. */
  onGone(f: () => void): void;
}

/** The body of an answer: frames one after the other. */
export function bodyCarrier(x: Exchange): Carrier {
  const { response } = x;
  return {
    open() {
      response.setHeader('Audit-Id', x.auditId);
      response.setHeader('Cache-Control', 'no-cache, private');
      response.setHeader('Content-Type', 'application/json');
      for (const text of x.warnings) response.appendHeader('Warning', `299 - ${JSON.stringify(text)}`);
      response.writeHead(200);
      response.flushHeaders();
    },
    send(frames) {
      const [first = Buffer.alloc(0)] = frames;
      response.write(frames.length === 1 ? first : Buffer.concat(frames));
      return response.writableLength;
    },
    end: () => void response.end(),
    cut: () => void response.destroy(BEHIND),
    onGone: f => void response.on('close', f),
  };
}

/** The sink of one watch. `close` ends the stream cleanly. */
export function watchStream(
  x: Exchange,
  o: { readonly cache: Cache; readonly rendering: Rendering; readonly carrier: Carrier; readonly onClose: () => void },
): Sink & { close(): void; open(): void } {
  const { rendering, carrier, onClose } = o;
  let pending: Buffer[] = [];
  let opened = false;
  let closed = false;
  const stop = o.cache.onBatch(flush);

  function flush(): void {
    if (pending.length === 0 || closed || !opened) return;
    const frames = pending;
    pending = [];
    if (carrier.send(frames) > MAX_PENDING_BYTES) {
      close();
      carrier.cut();
    }
  }

  function close(): void {
    if (closed) return;
    flush();
    closed = true;
    stop();
    carrier.end();
    onClose();
  }

  carrier.onGone(() => {
    closed = true;
    stop();
    onClose();
  });

  return {
    open() {
      carrier.open();
      opened = true;
      x.audit?.started(200);
      setImmediate(flush);
    },
    event(type: WatchType, entry: Entry, shared) {
      const name = `${type} ${rendering.id}`;
      const known = rendering.id && shared?.get(name);
      const made = known || frame(type, rendering.object(entry));
      if (!known && rendering.id) shared?.set(name, made);
      pending.push(made);
    },
    bookmark(revision, initialEnd) {
      pending.push(frame('BOOKMARK', rendering.bookmark(revision, initialEnd)));
      setImmediate(flush);
    },
    error(error: StatusError) {
      pending.push(frame('ERROR', Buffer.from(JSON.stringify(error.toStatus()))));
      setImmediate(close);
    },
    flush,
    close,
  };
}

const frame = (type: string, object: Buffer): Buffer => Buffer.concat([START.get(type) ?? END, object, END]);
