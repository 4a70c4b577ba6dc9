// What Go's parser says of a wrong address.

/** `ParseAddr("x"): why`, or undefined where the text looks like an address. */
export function addressFault(text: string): string | undefined {
  const fault =
    text.includes(':') && (!text.includes('.') || text.indexOf(':') < text.indexOf('.'))
      ? v6Fault(text)
      : text.includes('.')
        ? v4Fault(text)
        : 'unable to parse IP';
  return fault === undefined ? undefined : `ParseAddr(${JSON.stringify(text)}): ${fault}`;
}

function v4Fault(text: string): string | undefined {
  const fields = text.split('.');
  const unexpected = /[^0-9.]/.exec(text);
  for (const [i, f] of fields.entries()) {
    const offset = fields.slice(0, i).join('.').length + (i > 0 ? 1 : 0);
    if (unexpected && unexpected.index >= offset && unexpected.index <= offset + f.length)
      return `unexpected character (at ${JSON.stringify(text.slice(unexpected.index))})`;
    if (f === '')
      return `IPv4 field must have at least one digit (at ${JSON.stringify(text.slice(Math.max(0, offset - (i === fields.length - 1 ? 0 : 0))))})`;
    if (f.length > 1 && f.startsWith('0')) return 'IPv4 field has octet with leading zero';
    if (Number(f) > 255) return 'IPv4 field has value >255';
    if (i > 3) return 'IPv4 address too long';
  }
  return fields.length < 4 ? 'IPv4 address too short' : undefined;
}

function v6Fault(text: string): string | undefined {
  const strange = /[^0-9a-fA-F:.]/.exec(text);
  if (!strange) return undefined;
  const at = text.slice(strange.index);
  const start = strange.index === 0 || text[strange.index - 1] === ':';
  return start
    ? `each colon-separated field must have at least one digit (at ${JSON.stringify(at)})`
    : `unexpected character, want colon (at ${JSON.stringify(at)})`;
}
