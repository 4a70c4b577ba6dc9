// How property names become identifiers of expressions: `a-b` is `a__dash__b`, `namespace` is `__namespace__`.
const KEYWORDS = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);
const ESCAPES: readonly (readonly [string, string])[] = [
  ['__', '__underscores__'],
  ['.', '__dot__'],
  ['-', '__dash__'],
  ['/', '__slash__'],
];
const UNESCAPES = new Map(ESCAPES.map(([plain, escaped]) => [escaped, plain]));

/** The identifier of a property; the name itself where it has none. */
export function escapeField(name: string): string {
  if (KEYWORDS.has(name)) return `__${name}__`;
  return name.replace(/__|[.\-/]/g, part => ESCAPES.find(([plain]) => plain === part)?.[1] ?? part);
}

/** Whether a property can be named in an expression at all. */
export function isAccessible(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(escapeField(name));
}

/** The property of an identifier. */
export function unescapeField(escaped: string): string | undefined {
  const keyword = /^__([a-z]+)__$/.exec(escaped)?.[1];
  if (keyword && KEYWORDS.has(keyword)) return keyword;
  return escaped.replace(/__(?:underscores|dot|dash|slash)__/g, part => UNESCAPES.get(part) ?? part);
}
