// The bytes of an answer in the shape asked for: as stored, as a Table, or metadata only (specification §4).
import { type AnyObject, apiVersionOf, badRequest } from '../../kube/index.ts';
import type { Entry } from '../cache/index.ts';
import type { Listed, Served } from '../registry/index.ts';
import { partialObject, toTable } from '../table/index.ts';
import type { Accepted } from './negotiate.ts';
import type { Call } from './server-parts.ts';
import { plainRendering, type Rendering } from './watch-stream.ts';

type Bytes = Pick<Entry, 'object' | 'bytes'>;

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

export function renderObject(c: Call, entry: Bytes, accepted: Accepted): Buffer {
  if (accepted.shape === 'plain') return entry.bytes;
  if (accepted.shape === 'Table')
    return json(table(c, [entry.object], accepted, { resourceVersion: entry.object.metadata.resourceVersion }));
  return json(partialObject(entry.object, accepted.shapeVersion));
}

const COMMA = Buffer.from(',');
const OPEN = Buffer.from('{');

export function renderList(c: Call, found: Listed, accepted: Accepted): Buffer {
  if (accepted.shape === 'Table')
    return json(
      table(
        c,
        found.entries.map(e => e.object),
        accepted,
        listMetadata(found),
      ),
    );
  if (accepted.shape !== 'plain') {
    const items = found.entries.map(e => partialObject(e.object, accepted.shapeVersion));
    return json({
      kind: 'PartialObjectMetadataList',
      apiVersion: `meta.k8s.io/${accepted.shapeVersion}`,
      metadata: listMetadata(found),
      // Filled by appending: nothing appended is no list.
      items: items.length > 0 ? items : null,
    });
  }
  return plainList(c.s, found);
}

/** Lists are made of the stored bytes: nothing is serialised again. Items of built-in kinds go without apiVersion and kind. */
function plainList(s: Served, found: Listed): Buffer {
  const prefix = s.custom
    ? undefined
    : Buffer.from(`{"kind":${JSON.stringify(s.resource.kind)},"apiVersion":${JSON.stringify(apiVersionOf(s.resource))},`);
  const head = `{"kind":${JSON.stringify(s.listKind)},"apiVersion":${JSON.stringify(apiVersionOf(s.resource))},"metadata":${JSON.stringify(s.custom ? { continue: '', ...listMetadata(found) } : listMetadata(found))},"items":[`;
  const parts: Buffer[] = [Buffer.from(head)];
  found.entries.forEach((entry, i) => {
    if (i > 0) parts.push(COMMA);
    if (prefix && entry.bytes.subarray(0, prefix.length).equals(prefix)) parts.push(OPEN, entry.bytes.subarray(prefix.length));
    else parts.push(entry.bytes);
  });
  parts.push(Buffer.from(']}'));
  return Buffer.concat(parts);
}

const listMetadata = (found: Listed): Record<string, unknown> => ({
  resourceVersion: found.resourceVersion,
  ...(found.continue ? { continue: found.continue } : {}),
  ...(found.remaining === undefined ? {} : { remainingItemCount: found.remaining }),
});

function table(
  c: Call,
  objects: readonly AnyObject[],
  accepted: Accepted,
  metadata: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return toTable({
    columns: c.s.table,
    objects,
    includeObject: includeObject(c),
    metadata,
    now: c.parts.core.plane.clock.now(),
    version: accepted.shapeVersion,
  });
}

function includeObject(c: Call): 'None' | 'Metadata' | 'Object' {
  const given = c.info.query.get('includeObject') || 'Metadata';
  if (given === 'None' || given === 'Metadata' || given === 'Object') return given;
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(given)}: must be 'Metadata', 'Object', 'None', or empty`,
  );
}

/** Watch events in the shape asked for; of a Table only the first event carries the columns. */
export function renderWatch(c: Call, accepted: Accepted): Rendering {
  const plain = plainRendering(c.s);
  if (accepted.shape === 'plain') return plain;
  if (accepted.shape === 'Table') return tableRendering(c, accepted);
  const bookmark = (revision: number, end: boolean): Buffer =>
    json(partialObject(JSON.parse(plain.bookmark(revision, end).toString()) as AnyObject, accepted.shapeVersion));
  return {
    id: `partial ${accepted.shapeVersion} ${c.s.viewId}`,
    object: entry => json(partialObject(entry.object, accepted.shapeVersion)),
    bookmark,
  };
}

function tableRendering(c: Call, accepted: Accepted): Rendering {
  let first = true;
  const row = (object: AnyObject): Buffer => {
    const made = table(c, [object], accepted, { resourceVersion: object.metadata.resourceVersion });
    if (!first) made['columnDefinitions'] = null;
    first = false;
    return json(made);
  };
  includeObject(c);
  const plain = plainRendering(c.s);
  return {
    id: '',
    object: entry => row(entry.object),
    bookmark: (revision, end) => row(JSON.parse(plain.bookmark(revision, end).toString()) as AnyObject),
  };
}
