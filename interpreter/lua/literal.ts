// JSON values as Lua source: how inputs enter the machine. Null is nil: it leaves no key in a table and no place in a list.

/** A Lua expression for the value. All numbers are floating point. */
export function luaLiteral(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
      return number(value);
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? 'nil' : Array.isArray(value) ? list(value) : table(value as Record<string, unknown>);
    default:
      return 'nil';
  }
}

function list(items: readonly unknown[]): string {
  return `{${items
    .filter(item => item !== null && item !== undefined)
    .map(luaLiteral)
    .join(',')}}`;
}

function table(object: Record<string, unknown>): string {
  let out = '{';
  for (const [key, value] of Object.entries(object)) {
    if (value !== null && value !== undefined) out += `[${quoted(key)}]=${luaLiteral(value)},`;
  }
  return `${out}}`;
}

function number(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : String(value);
}

// biome-ignore lint/complexity/useRegexLiterals: the control characters are clearer as escapes in a string
const SPECIAL = new RegExp('["\\\\\\u0000-\\u001f\\u007f]', 'g');

function quoted(text: string): string {
  return `"${text.replace(SPECIAL, c => (c === '"' || c === '\\' ? `\\${c}` : `\\${String(c.charCodeAt(0)).padStart(3, '0')}`))}"`;
}
