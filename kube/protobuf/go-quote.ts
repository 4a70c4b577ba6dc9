// Bytes as a quoted string in an error text: what is no valid UTF-8 or not printable is escaped.

const ESCAPES = new Map([
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x0c, '\\f'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x09, '\\t'],
  [0x0b, '\\v'],
  [0x22, '\\"'],
  [0x5c, '\\\\'],
]);
const strict = new TextDecoder('utf-8', { fatal: true });

/** `"Config\xe7ap"` */
export function goQuoted(bytes: Uint8Array): string {
  let quoted = '';
  for (let i = 0; i < bytes.length; ) {
    const size = validSize(bytes, i);
    if (size === 0) quoted += `\\x${(bytes[i] ?? 0).toString(16).padStart(2, '0')}`;
    else quoted += character(bytes.subarray(i, i + size));
    i += Math.max(size, 1);
  }
  return `"${quoted}"`;
}

function validSize(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  try {
    return strict.decode(bytes.subarray(at, at + size)).length > 0 ? size : 0;
  } catch {
    return 0;
  }
}

function character(bytes: Uint8Array): string {
  const code = bytes[0] ?? 0;
  if (bytes.length > 1) return strict.decode(bytes);
  const escaped = ESCAPES.get(code);
  if (escaped) return escaped;
  return code < 0x20 || code === 0x7f ? `\\x${code.toString(16).padStart(2, '0')}` : String.fromCharCode(code);
}
