// /version and the health endpoints (specification §1.6).
import { type Exchange, send, sendText } from './respond.ts';
import type { PathHandler } from './server-parts.ts';

export interface HealthCheck {
  readonly name: string;
  /** Undefined = healthy; else what is wrong. */
  check(): string | undefined;
  /** Where it counts: readiness only, or liveness too. */
  readonly live: boolean;
}

const ROOTS = ['/healthz', '/livez', '/readyz'];

/** /healthz, /livez, /readyz and the single checks below them. */
export function healthPaths(checks: readonly HealthCheck[]): PathHandler {
  return {
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'],
    matches: path => ROOTS.some(root => path === root || path.startsWith(`${root}/`)),
    serve(x, path, query) {
      const [, root = '', single] = path.split('/');
      const all = [{ name: 'ping', live: true, check: () => undefined }, ...checks].filter(c => c.live || root !== 'livez');
      if (single) return one(x, all, single);
      return report(x, root, all, query);
    },
  };
}

function one(x: Exchange, checks: readonly HealthCheck[], name: string): void {
  const found = checks.find(c => c.name === name);
  if (!found) return sendText(x, 404, '404 page not found\n');
  const fault = found.check();
  return fault === undefined ? sendText(x, 200, 'ok') : sendText(x, 500, `internal server error: ${fault}\n`);
}

function report(x: Exchange, root: string, checks: readonly HealthCheck[], query: URLSearchParams): void {
  const excluded = new Set(query.getAll('exclude'));
  let failed = false;
  const lines = checks.map(c => {
    if (excluded.has(c.name)) return `[+]${c.name} excluded: ok\n`;
    const fault = c.check();
    if (fault === undefined) return `[+]${c.name} ok\n`;
    failed = true;
    return `[-]${c.name} failed: reason withheld\n`;
  });
  if (failed) return sendText(x, 500, `${lines.join('')}${root} check failed\n`);
  return sendText(x, 200, query.has('verbose') ? `${lines.join('')}${root} check passed\n` : 'ok');
}

/** What /version tells. */
export interface VersionInfo {
  readonly gitVersion: string;
  readonly buildDate: string;
  readonly gitCommit: string;
}

export function versionPath(v: VersionInfo): PathHandler {
  const [, major = '1', minor = '36'] = /^v(\d+)\.(\d+)/.exec(v.gitVersion) ?? [];
  const body = JSON.stringify({
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    gitVersion: v.gitVersion,
    gitCommit: v.gitCommit,
    gitTreeState: 'clean',
    buildDate: v.buildDate,
    goVersion: process.version.replace('v', 'node'),
    compiler: 'v8',
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  });
  return {
    methods: ['GET'],
    matches: path => path === '/version' || path === '/version/',
    serve: x => send(x, 200, body, { 'Content-Type': 'application/json' }),
  };
}
