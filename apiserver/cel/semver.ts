// Semantic versions (semver.org 2.0.0) with the texts of the reference's parser.
import { CelError } from './values.ts';

export interface Semver {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  readonly pre: readonly string[];
}

const PARTS = ['major', 'minor', 'patch'] as const;

/** Reads a version; a lax one may have a leading v, leading zeros and fewer than three numbers. */
export function parseSemver(source: string, lax: boolean): Semver {
  const text = lax ? relax(source) : source;
  if (text === '') throw new CelError('Version string empty');
  const core = text.split('.');
  if (core.length < 3) throw new CelError('No Major.Minor.Patch elements found');
  const [major = '', minor = ''] = core;
  const rest = core.slice(2).join('.');
  const build = rest.indexOf('+');
  const body = build < 0 ? rest : rest.slice(0, build);
  const dash = body.indexOf('-');
  const patch = dash < 0 ? body : body.slice(0, dash);
  const numbers = [major, minor, patch].map((n, i) => numberOf(n, PARTS[i] ?? ''));
  const pre =
    dash < 0
      ? []
      : body
          .slice(dash + 1)
          .split('.')
          .map(checkPre);
  if (build >= 0) for (const part of rest.slice(build + 1).split('.')) checkBuild(part);
  return { major: numbers[0] ?? 0n, minor: numbers[1] ?? 0n, patch: numbers[2] ?? 0n, pre };
}

function relax(source: string): string {
  const bare = source.trim().replace(/^v/, '');
  const at = bare.search(/[+-]/);
  const core = at < 0 ? bare : bare.slice(0, at);
  const numbers = core.split('.').map(p => p.replace(/^0+(?=\d)/, ''));
  if (numbers.length < 3 && at >= 0) throw new CelError('Short version cannot contain PreRelease/Build meta data');
  while (numbers.length < 3) numbers.push('0');
  return numbers.join('.') + (at < 0 ? '' : bare.slice(at));
}

function numberOf(text: string, what: string): bigint {
  if (!/^\d*$/.test(text)) throw new CelError(`Invalid character(s) found in ${what} number ${JSON.stringify(text)}`);
  if (text.length > 1 && text.startsWith('0'))
    throw new CelError(`${what[0]?.toUpperCase()}${what.slice(1)} number must not contain leading zeroes ${JSON.stringify(text)}`);
  if (text === '') throw new CelError('strconv.ParseUint: parsing "": invalid syntax');
  return BigInt(text);
}

function checkPre(part: string): string {
  if (part === '') throw new CelError('Prerelease is empty');
  if (/^\d+$/.test(part) && part.length > 1 && part.startsWith('0'))
    throw new CelError(`Numeric PreRelease version must not contain leading zeroes ${JSON.stringify(part)}`);
  if (!/^[0-9A-Za-z-]+$/.test(part)) throw new CelError(`Invalid character(s) found in prerelease ${JSON.stringify(part)}`);
  return part;
}

function checkBuild(part: string): void {
  if (part === '') throw new CelError('Build meta data is empty');
  if (!/^[0-9A-Za-z-]+$/.test(part)) throw new CelError(`Invalid character(s) found in build meta data ${JSON.stringify(part)}`);
}

/** Precedence; build metadata does not count. */
export function compareSemver(a: Semver, b: Semver): number {
  for (const part of PARTS) if (a[part] !== b[part]) return a[part] < b[part] ? -1 : 1;
  if (a.pre.length === 0 || b.pre.length === 0) return Math.sign(b.pre.length - a.pre.length);
  for (let i = 0; i < Math.min(a.pre.length, b.pre.length); i++) {
    const c = comparePre(a.pre[i] ?? '', b.pre[i] ?? '');
    if (c !== 0) return c;
  }
  return Math.sign(a.pre.length - b.pre.length);
}

function comparePre(a: string, b: string): number {
  const [x, y] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (x && y) return Math.sign(Number(a) - Number(b));
  if (x !== y) return x ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
