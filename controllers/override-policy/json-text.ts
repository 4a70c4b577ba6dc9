// JSON as text, taken apart only where someone looks: what is not touched keeps its number literals, its escapes and the order of its keys.
// Printing drops white space and writes `<`, `>`, `&` and the two Unicode line ends as escapes, as Go's encoder does.

/** A value of a JSON text: still text, or opened one level. */
export type JsonNode = JsonText | Map<string, JsonNode> | JsonNode[];

export interface JsonText {
  readonly text: string;
}

export const isText = (node: JsonNode): node is JsonText => !Array.isArray(node) && !(node instanceof Map);

/** The node of a JSON text; throws a SyntaxError where it is not one. */
export function parseNode(text: string): JsonNode {
  JSON.parse(text);
  return { text: text.trim() };
}

/** Opens an object or a list one level; undefined for scalars. */
export function open(node: JsonNode): Map<string, JsonNode> | JsonNode[] | undefined {
  if (!isText(node)) return node;
  const first = node.text.charAt(0);
  if (first === '{') return new Map(members(node.text).map(splitMember));
  if (first === '[') return members(node.text).map(text => ({ text }));
  return undefined;
}

export function printNode(node: JsonNode): string {
  if (isText(node)) return compact(node.text);
  if (Array.isArray(node)) return `[${node.map(printNode).join(',')}]`;
  return `{${[...node].map(([key, value]) => `${escapeHtml(JSON.stringify(key))}:${printNode(value)}`).join(',')}}`;
}

const STRING = /"(?:[^"\\]|\\.)*"/y;

/** The end of the string literal that starts at `from`. */
function stringEnd(text: string, from: number): number {
  STRING.lastIndex = from;
  return STRING.test(text) ? STRING.lastIndex : text.length;
}

/** The comma-separated parts of an object or a list, trimmed. */
function members(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 1;
  for (let i = 1; i < text.length - 1; i++) {
    const c = text.charAt(i);
    if (c === '"') i = stringEnd(text, i) - 1;
    else if (c === '{' || c === '[') depth++;
    else if (c === '}' || c === ']') depth--;
    else if (c === ',' && depth === 0) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  const last = text.slice(start, -1).trim();
  return last === '' ? parts : [...parts, last];
}

function splitMember(member: string): [string, JsonNode] {
  const end = stringEnd(member, 0);
  const colon = member.indexOf(':', end);
  return [JSON.parse(member.slice(0, end)) as string, { text: member.slice(colon + 1).trim() }];
}

function compact(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|\s+/g, part => (part.startsWith('"') ? escapeHtml(part) : ''));
}

function escapeHtml(text: string): string {
  return text.replace(/[<>&\u2028\u2029]/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
