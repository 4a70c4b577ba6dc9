// Warnings about files of one volume that lie in each other's way: one path equal to another, or below it.
import { items, type Obj, optional, sub, text } from '../read.ts';

interface Placed {
  readonly path: string;
  /** Where it comes from, of a volume with several sources. */
  readonly source: string;
}

const shown = ({ path, source }: Placed): string => JSON.stringify(path) + (source === '' ? '' : ` (${source})`);

/** Warnings of all volumes of a pod. */
export function pathWarnings(volumes: readonly Obj[]): string[] {
  return volumes.flatMap(v => {
    const name = JSON.stringify(text(v, 'name'));
    const tell = (what: string, paths: readonly Placed[]): string[] =>
      collisions(paths).map(body => `volume ${name} (${what}): overlapping paths: ${body}`);
    const projected = optional(v, 'projected');
    return [
      ...tell(`ConfigMap ${JSON.stringify(text(sub(v, 'configMap'), 'name'))}`, files(sub(v, 'configMap'), '')),
      ...tell(`Secret ${JSON.stringify(text(sub(v, 'secret'), 'secretName'))}`, files(sub(v, 'secret'), '')),
      ...tell('DownwardAPI', files(sub(v, 'downwardAPI'), '')),
      ...(projected ? emptySources(name, projected) : []),
      ...(projected ? tell('Projected', items(projected, 'sources').flatMap(sourceFiles)) : []),
    ];
  });
}

const emptySources = (name: string, projected: Obj): string[] =>
  items(projected, 'sources')
    .filter(source => Object.values(source).every(v => v === undefined || v === null))
    .map(() => `volume ${name} (Projected) has no sources provided`);

const files = (holder: Obj, source: string): Placed[] => items(holder, 'items').map(item => ({ path: text(item, 'path'), source }));

function sourceFiles(source: Obj): Placed[] {
  for (const [key, title] of [
    ['configMap', 'ConfigMap'],
    ['secret', 'Secret'],
  ] as const) {
    const own = optional(source, key);
    if (own && Array.isArray(own['items'])) return files(own, `${title} ${JSON.stringify(text(own, 'name'))}`);
  }
  const downward = optional(source, 'downwardAPI');
  if (downward && Array.isArray(downward['items'])) return files(downward, 'DownwardAPI');
  const token = optional(source, 'serviceAccountToken');
  if (token) return [{ path: text(token, 'path'), source: 'ServiceAccountToken' }];
  const bundle = optional(source, 'clusterTrustBundle');
  if (bundle) {
    const name = text(bundle, typeof bundle['name'] === 'string' ? 'name' : 'signerName');
    return [{ path: text(bundle, 'path'), source: `ClusterTrustBundle ${JSON.stringify(name)}` }];
  }
  return certificateFiles(sub(source, 'podCertificate'));
}

const CERTIFICATE = { certificateChainPath: 'chain', keyPath: 'key', credentialBundlePath: 'credential bundle' };

const certificateFiles = (certificate: Obj): Placed[] =>
  Object.entries(CERTIFICATE)
    .map(([key, what]) => ({ path: text(certificate, key), source: `PodCertificate ${what}` }))
    .filter(({ path }) => path !== '');

/** Every path against those before it. */
function collisions(paths: readonly Placed[]): string[] {
  const before: Placed[] = [];
  const out: string[] = [];
  for (const given of paths) {
    const placed = { ...given, path: given.path.replace(/\/+$/, '') };
    for (const other of before) if (meet(other.path, placed.path)) out.push(`${shown(placed)} with ${shown(other)}`);
    before.push(placed);
  }
  return out;
}

const meet = (a: string, b: string): boolean => a !== '' && b !== '' && (`${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`));
