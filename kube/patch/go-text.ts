// Values as some of the server's error texts show them: `map[a:1 b:[x <nil>]]`, keys sorted. Clients only print these texts.

/** How a value is printed; `annotated` marks what is no string with its type (`%!s(int64=1)`). */
export function goText(value: unknown, style: 'plain' | 'annotated' = 'plain'): string {
  if (Array.isArray(value)) return `[${value.map(item => goText(item, style)).join(' ')}]`;
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return `map[${keys.map(key => `${key}:${goText((value as Record<string, unknown>)[key], style)}`).join(' ')}]`;
  }
  if (typeof value === 'string') return value;
  const plain = value === null || value === undefined ? '<nil>' : typeof value === 'number' ? numberText(value) : String(value);
  if (style === 'plain') return plain;
  return value === null || value === undefined ? '%!s(<nil>)' : `%!s(${goType(value)}=${plain})`;
}

function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value);
  const text = Math.abs(value) < 1e-4 ? value.toExponential() : String(value);
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** The type of a JSON value: `[]interface {}`, `int64`. */
export function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return value === null ? '<nil>' : 'map[string]interface {}';
  return goKind(value);
}

/** The kind of a JSON value: `slice`, `map`, `int64`. */
export function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'object') return 'map';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return 'string';
}
