// What the client wants to read: an encoding, and possibly another shape of the object (specification §2.2, §4).
import { notAcceptable } from '../../kube/index.ts';

export type Encoding = 'json' | 'yaml' | 'protobuf';
export type Shape = 'plain' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';

export interface Accepted {
  readonly encoding: Encoding;
  readonly shape: Shape;
  /** Version of meta.k8s.io of the shape: v1 or v1beta1. */
  readonly shapeVersion: string;
  readonly contentType: string;
  readonly pretty: boolean;
}

export interface Clause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** The clauses of an Accept header, most wanted first. */
export function parseAccept(header: string | undefined): Clause[] {
  if (!header) return [];
  const clauses = header.split(',').map((text): Clause => {
    const [type = '', ...rest] = text.split(';').map(part => part.trim());
    const parameters = new Map(rest.map(part => split(part)));
    return { type: type.toLowerCase(), parameters, quality: Number(parameters.get('q') ?? 1) };
  });
  return clauses
    .map((clause, i) => ({ clause, i }))
    .sort((a, b) => b.clause.quality - a.clause.quality || a.i - b.i)
    .map(({ clause }) => clause);
}

function split(part: string): [string, string] {
  const at = part.indexOf('=');
  return at < 0 ? [part, ''] : [part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()];
}

const ENCODINGS: ReadonlyMap<string, Encoding> = new Map([
  ['application/json', 'json'],
  ['application/yaml', 'yaml'],
  ['application/vnd.kubernetes.protobuf', 'protobuf'],
  ['*/*', 'json'],
  ['application/*', 'json'],
]);
const SHAPES = new Set<string>(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']);

export interface Allowed {
  /** Shapes that this answer can take besides the plain one. */
  readonly shapes: readonly Shape[];
  readonly watch?: boolean;
  /** Custom kinds have no protobuf form. */
  readonly protobuf?: boolean;
  /** The answer is a list: nothing that streams may ask for it either. */
  readonly list?: boolean;
  /** A shape for another number of objects than the answer has, and what is said of it. */
  readonly instead?: { readonly shape: Shape; readonly text: string };
}

/** Picks the first clause that can be met; throws NotAcceptable where none can. */
export function negotiate(header: string | undefined, userAgent: string | undefined, query: URLSearchParams, allowed: Allowed): Accepted {
  const pretty = query.has('pretty')
    ? query.get('pretty') !== 'false' && query.get('pretty') !== '0'
    : /^(curl|Wget|Mozilla\/5\.0)/.test(userAgent ?? '');
  const clauses = parseAccept(header);
  if (clauses.length === 0) return accepted('json', 'plain', '', pretty);
  let known = false;
  for (const clause of clauses) {
    const encoding = ENCODINGS.get(clause.type);
    const as = clause.parameters.get('as') ?? '';
    const streamed = allowed.watch === true && encoding !== 'json';
    if (!encoding || streamed || (encoding === 'protobuf' && (as !== '' || allowed.protobuf !== true))) {
      known ||= encoding === 'protobuf' && as !== '';
      continue;
    }
    if (as === '') return accepted(encoding, 'plain', '', pretty);
    known = true;
    const version = clause.parameters.get('v') ?? '';
    const shape = SHAPES.has(as) ? (as as Shape) : undefined;
    if (shape && allowed.instead?.shape === shape) throw notAcceptable(allowed.instead.text);
    if (!shape || !allowed.shapes.includes(shape) || clause.parameters.get('g') !== 'meta.k8s.io' || !/^v1(beta1)?$/.test(version))
      continue;
    return accepted(encoding, shape, version, pretty);
  }
  throw refusal(known, allowed);
}

function accepted(encoding: Encoding, shape: Shape, shapeVersion: string, pretty: boolean): Accepted {
  return { encoding, shape, shapeVersion, contentType: CONTENT_TYPES[encoding], pretty };
}

const CONTENT_TYPES: Readonly<Record<Encoding, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
};
const MEDIA = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

function refusal(known: boolean, allowed: Allowed): Error {
  const types =
    allowed.watch || (allowed.list && !known)
      ? [...MEDIA, 'application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']
      : MEDIA;
  if (known) return notAcceptable(`only the following media types are accepted: ${types.join(', ')}`);
  return notAcceptable(`406: Not Acceptable\n\nAvailable representations: ${types.join(', ')}`, true);
}
