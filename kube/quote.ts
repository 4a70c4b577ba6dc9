// Texts in double quotes the way Go prints them; error texts of the API quote users' input like this.

const SHORT: ReadonlyMap<string, string> = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['"', '\\"'],
  ['\\', '\\\\'],
]);
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0');

/** A Go string literal: printable characters as they are, the others escaped. */
export function quoted(text: string): string {
  let result = '"';
  for (const c of text) {
    const code = c.codePointAt(0) ?? 0;
    const short = SHORT.get(c);
    if (short) result += short;
    else if (code >= 0xd800 && code <= 0xdfff) result += '\ufffd';
    else if (PRINTABLE.test(c)) result += c;
    else if (code < 0x80) result += `\\x${hex(code, 2)}`;
    else result += code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
  }
  return `${result}"`;
}

/** As `quoted`, but every byte outside ASCII is escaped: how times and durations are quoted. */
export function quotedBytes(text: string): string {
  let result = '"';
  for (const byte of Buffer.from(text, 'utf8')) {
    const c = String.fromCharCode(byte);
    if (byte < 0x20 || byte >= 0x80) result += `\\x${hex(byte, 2)}`;
    else result += c === '"' || c === '\\' ? `\\${c}` : c;
  }
  return `${result}"`;
}
