// The order of version names: v2 before v1, stable before beta before alpha, everything else after them by name.

const KUBE = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/;

/** Positive where `a` is the newer version. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [KUBE.exec(a), KUBE.exec(b)];
  if (!x || !y) return x ? 1 : y ? -1 : a < b ? 1 : a > b ? -1 : 0;
  return stability(x) - stability(y) || Number(x[1]) - Number(y[1]) || Number(x[3] ?? 0) - Number(y[3] ?? 0);
}

const stability = (m: RegExpExecArray): number => (m[2] === 'alpha' ? 0 : m[2] === 'beta' ? 1 : 2);
