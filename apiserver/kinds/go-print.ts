// Values as the reference prints them in its texts: internal structures, with the names and the order of their fields in
// Go and with every field present. A row of GO_STRUCTS lists the fields of one structure; the mark after a name says what
// it holds:  `Name` text · `Name#` number, or port by name · `Name!` yes or no · `Name~` quantity ·
// `Name?` whatever was sent, null when absent · `Name=S` structure S · `Name*S` optional structure ·
// `Name[]S` list of structures · `Name&` label selector · `Name/json…` another name in JSON.
import { isObject } from '../../kube/index.ts';
import { printableMap, printableSelector } from './checks.ts';
import { given } from './emptied.ts';
import { GO_STRUCTS } from './go-structs.ts';
import { has, items, type Obj, optional, sub, text } from './read.ts';

interface GoField {
  readonly name: string;
  readonly json: string;
  readonly mark: string;
  readonly struct: string;
}

const parsed = new Map<string, readonly GoField[]>();

/** `HTTPGet` is httpGet, `TTY` is tty. */
function jsonName(name: string): string {
  const run = /^[A-Z]+/.exec(name)?.[0] ?? '';
  const head = run.length > 1 && run.length < name.length ? run.slice(0, -1) : run;
  return head.toLowerCase() + name.slice(head.length);
}

function fieldsOf(struct: string): readonly GoField[] {
  const known = parsed.get(struct);
  if (known) return known;
  const fields = (GO_STRUCTS[struct] ?? '').split(' ').map(word => {
    const [, name = '', json, mark = '', of = ''] = /^([A-Za-z0-9]+)(?:\/([A-Za-z]+))?(\[\]|[#!~?=*&])?([A-Za-z]*)$/.exec(word) ?? [];
    return { name, json: json ?? jsonName(name), mark, struct: of };
  });
  parsed.set(struct, fields);
  return fields;
}

/** The internal structure `struct` made from its JSON form. */
export function printGo(struct: string, o: Obj): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const f of fieldsOf(struct)) out[f.name] = goValue(f, o);
  return out;
}

function goValue(f: GoField, o: Obj): unknown {
  const value = o[f.json];
  if (f.mark === '') return text(o, f.json);
  if (f.mark === '#') return value ?? 0;
  if (f.mark === '!') return value === true;
  if (f.mark === '~') return value ?? '0';
  if (f.mark === '&') return printableSelector(optional(o, f.json));
  if (f.mark === '=') return nested(f.struct, sub(o, f.json), o);
  if (f.mark === '*') return has(o, f.json) ? nested(f.struct, sub(o, f.json), o) : null;
  if (f.mark === '[]') return has(o, f.json) ? items(o, f.json).map(item => printGo(f.struct, item)) : given(o, f.json);
  return isObject(value) ? printableMap(value) : given(o, f.json);
}

/** A pod's security context also holds what JSON keeps beside it. */
function nested(struct: string, inner: Obj, outer: Obj): unknown {
  if (struct !== 'PodSecurityContext') return printGo(struct, inner);
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers } = outer;
  return printGo(struct, { ...inner, hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers });
}

const META = ['name', 'generateName', 'namespace', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp'];

/** A pod template: its metadata as JSON, then the specification. */
export function printTemplate(template: Obj): Record<string, unknown> {
  const meta = sub(template, 'metadata');
  const out: Record<string, unknown> = {};
  for (const key of META) if (has(meta, key)) out[key] = meta[key];
  for (const key of ['labels', 'annotations']) if (has(meta, key)) out[key] = printableMap(meta[key]);
  for (const key of ['ownerReferences', 'finalizers']) if (has(meta, key)) out[key] = meta[key];
  out['Spec'] = printGo('PodSpec', sub(template, 'spec'));
  return out;
}
