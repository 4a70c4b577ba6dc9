// The bytes of an answer in the shape asked for: as stored, as a Table, or metadata only.
import { apiVersionOf } from '../../kube/index.ts';
import type { Entry } from '../cache/index.ts';
import type { Listed, Served } from '../registry/index.ts';
import type { Accepted } from './negotiate.ts';
import type { Call } from './resource.ts';
import { plainRendering, type Rendering } from './watch-stream.ts';

type Bytes = Pick<Entry, 'object' | 'bytes'>;

export function renderObject(_c: Call, entry: Bytes, _accepted: Accepted): Buffer {
  return entry.bytes;
}

const COMMA = Buffer.from(',');
const OPEN = Buffer.from('{');

/** Lists are made of the stored bytes: nothing is serialised again. Items of built-in kinds go without apiVersion and kind. */
export function renderList(c: Call, found: Listed, _accepted: Accepted): Buffer {
  const { s } = c;
  const prefix = s.custom
    ? undefined
    : Buffer.from(`{"kind":${JSON.stringify(s.resource.kind)},"apiVersion":${JSON.stringify(apiVersionOf(s.resource))},`);
  const parts: Buffer[] = [Buffer.from(`${listHead(s, found)},"items":[`)];
  found.entries.forEach((entry, i) => {
    if (i > 0) parts.push(COMMA);
    if (prefix && entry.bytes.subarray(0, prefix.length).equals(prefix)) parts.push(OPEN, entry.bytes.subarray(prefix.length));
    else parts.push(entry.bytes);
  });
  parts.push(Buffer.from(']}'));
  return Buffer.concat(parts);
}

function listHead(s: Served, found: Listed): string {
  const metadata = {
    resourceVersion: found.resourceVersion,
    ...(found.continue ? { continue: found.continue } : {}),
    ...(found.remaining === undefined ? {} : { remainingItemCount: found.remaining }),
  };
  return `{"kind":${JSON.stringify(s.listKind)},"apiVersion":${JSON.stringify(apiVersionOf(s.resource))},"metadata":${JSON.stringify(metadata)}`;
}

export function renderWatch(c: Call, _accepted: Accepted): Rendering {
  return plainRendering(c.s);
}
