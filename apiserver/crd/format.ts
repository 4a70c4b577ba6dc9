// The string formats that schemas enforce. Numeric formats and unknown ones match every string.

import { parseAddress, parsePrefix } from '../../kube/index.ts';
import { isDurationText } from './duration-text.ts';

const UUID = (version: string, variant: string): RegExp =>
  new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?${variant}[0-9a-f]{3}-?[0-9a-f]{12}$`, 'i');
const HEX = '[0-9a-f]';
const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const BYTE_NUMBER = '\\s*(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])\\s*';
const HOST =
  /^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9\-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$/u;
const CARD =
  /^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|(222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11}|6[27][0-9]{14})$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/;
const EMAIL = /^(?:[^<>@]*<[^\s<>@(),:;"[\]]+@[^\s<>@(),:;"]+>|\s*[^\s<>@(),:;"[\]]+@[^\s<>@(),:;"]+\s*)$/u;

const regexp =
  (r: RegExp) =>
  (text: string): boolean =>
    r.test(text);

const FORMATS = new Map<string, (text: string) => boolean>([
  ['bsonobjectid', regexp(new RegExp(`^${HEX}{24}$`, 'i'))],
  ['uri', isRequestUri],
  ['email', text => EMAIL.test(text) && !/\.\.|^\.|\.@|@\.|\.$/.test(text)],
  ['hostname', isHostname],
  ['ipv4', text => text.includes('.') && parseAddress(text) !== undefined],
  ['ipv6', text => text.includes(':') && parseAddress(text) !== undefined],
  ['cidr', text => parsePrefix(text) !== undefined],
  ['mac', isMac],
  ['uuid', regexp(UUID(HEX, HEX))],
  ['uuid3', regexp(UUID('3', HEX))],
  ['uuid4', regexp(UUID('4', '[89ab]'))],
  ['uuid5', regexp(UUID('5', '[89ab]'))],
  ['isbn', text => isIsbn10(text) || isIsbn13(text)],
  ['isbn10', isIsbn10],
  ['isbn13', isIsbn13],
  ['creditcard', isCreditCard],
  ['ssn', regexp(/^\d{3}[- ]\d{2}[- ]\d{4}$/)],
  ['hexcolor', regexp(/^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/)],
  ['rgbcolor', regexp(new RegExp(`^rgb\\(${BYTE_NUMBER},${BYTE_NUMBER},${BYTE_NUMBER}\\)$`))],
  ['byte', regexp(BASE64)],
  ['date', isDate],
  ['datetime', isDateTime],
  ['date-time', isDateTime],
  ['duration', isDurationText],
  ['k8s-short-name', text => text.length <= 63 && new RegExp(`^${LABEL}$`).test(text)],
  ['k8s-long-name', text => text.length <= 253 && new RegExp(`^${LABEL}(\\.${LABEL})*$`).test(text)],
]);

/** Whether a string has the format. */
export function matchesFormat(format: string, text: string): boolean {
  return FORMATS.get(format)?.(text) ?? true;
}

const validPort = (authority: string): boolean => !/:[^\]]*$/.test(authority) || /:\d*$/.test(authority);

function isRequestUri(text: string): boolean {
  if (/[\x00-\x1f\x7f]/.test(text) || /%(?![0-9a-fA-F]{2})/.test(text.split('?')[0] ?? '')) return false;
  if (text.startsWith('/')) return true;
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/.exec(text);
  if (!scheme) return false;
  const rest = text.slice(scheme[0].length);
  if (!rest.startsWith('//')) return true;
  const authority = /^\/\/([^/?]*)/.exec(rest)?.[1] ?? '';
  return !/[\s<>"\\^`{|}]/.test(authority) && validPort(authority);
}

function isHostname(text: string): boolean {
  if (!HOST.test(text)) return false;
  const parts = text.split('.');
  if (parts.some(p => Buffer.byteLength(p) > 63)) return false;
  return parts.reduce((sum, p) => sum + Buffer.byteLength(p) + 1, 0) <= 256;
}

function isMac(text: string): boolean {
  const bytes = [6, 8, 20];
  const grouped = (separator: string, digits: number): boolean => {
    const groups = text.split(separator);
    return bytes.includes((groups.length * digits) / 2) && groups.every(g => g.length === digits && /^[0-9a-fA-F]+$/.test(g));
  };
  return grouped(':', 2) || grouped('-', 2) || grouped('.', 4);
}

function isIsbn10(text: string): boolean {
  const s = text.replace(/[\s-]+/g, '');
  if (!/^(?:[0-9]{9}X|[0-9]{10})$/.test(s)) return false;
  let sum = 0;
  for (let i = 0; i < 10; i++) sum += (i + 1) * (s[i] === 'X' ? 10 : Number(s[i]));
  return sum % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const s = text.replace(/[\s-]+/g, '');
  if (!/^[0-9]{13}$/.test(s)) return false;
  let sum = 0;
  for (let i = 0; i < 13; i++) sum += Number(s[i]) * (i % 2 === 0 ? 1 : 3);
  return sum % 10 === 0;
}

function isCreditCard(text: string): boolean {
  const digits = text.replace(/[^0-9]+/g, '');
  if (!CARD.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const d = Number(digits[digits.length - 1 - i]) * (i % 2 === 0 ? 1 : 2);
    sum += d > 9 ? d - 9 : d;
  }
  return sum % 10 === 0;
}

/** A calendar date `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  const m = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!m) return false;
  const [year, month, day] = [Number(m[1]), Number(m[2]), Number(m[3])];
  const date = new Date(Date.UTC(2000, 0, 1));
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function isDateTime(text: string): boolean {
  const m = /^(.{10})[tT](\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:[zZ]|[+-]\d{2}:\d{2})$/.exec(text);
  return m !== null && isDate(m[1] ?? '') && Number(m[2]) <= 23 && Number(m[3]) <= 59 && Number(m[4]) <= 59;
}
