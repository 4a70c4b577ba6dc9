// Warnings about pod specifications: what is deprecated, does nothing, or contradicts itself.
import { parseQuantity } from '../../../kube/index.ts';
import { child, index, mapKey } from '../checks.ts';
import { entries, has, items, number, type Obj, optional, sub, text } from '../read.ts';

type Tell = (text: string) => void;

const NODE_LABELS: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

const VOLUMES: Readonly<Record<string, string>> = {
  gcePersistentDisk: 'deprecated in v1.17, non-functional in v1.28+; use pd.csi.storage.gke.io instead',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
};

/** Warnings of a pod template or pod whose metadata and spec lie at `path` (`''` for a pod). */
export function podWarnings(path: string, pod: Obj, old?: Obj): string[] {
  const out: string[] = [];
  const spec = sub(pod, 'spec');
  const at = child(path, 'spec');
  const tell: Tell = message => out.push(message);
  if (old) return out;
  nodeSelector(tell, at, spec);
  spreadWarnings(tell, at, spec);
  aliases(tell, at, spec);
  volumeWarnings(tell, at, spec);
  pullSecrets(tell, at, spec);
  for (const key of ['initContainers', 'containers'])
    items(spec, key).forEach((c, i) => {
      containerWarnings(tell, index(child(at, key), i), c);
    });
  overheadWarnings(tell, at, spec);
  if (number(spec, 'terminationGracePeriodSeconds') < 0)
    tell(`${child(at, 'terminationGracePeriodSeconds')}: must be >= 0; negative values are invalid and will be treated as 1`);
  portWarnings(tell, at, spec);
  affinityWarnings(tell, at, spec);
  return out;
}

function nodeSelector(tell: Tell, at: string, spec: Obj): void {
  for (const [key] of entries(spec, 'nodeSelector'))
    if (Object.hasOwn(NODE_LABELS, key)) tell(`${mapKey(child(at, 'nodeSelector'), key)}: ${NODE_LABELS[key]}`);
}

const NO_POD = 'a null labelSelector results in matching no pod';

function affinityWarnings(tell: Tell, at: string, spec: Obj): void {
  const affinity = optional(spec, 'affinity');
  if (!affinity) return;
  const terms = (path: string, list: readonly Obj[], inner?: string): void => {
    list.forEach((t, i) => {
      const term = inner ? sub(t, inner) : t;
      const own = inner ? child(index(path, i), inner) : index(path, i);
      if (!has(term, 'labelSelector')) tell(`${child(own, 'labelSelector')}: ${NO_POD}`);
    });
  };
  for (const key of ['podAffinity', 'podAntiAffinity']) {
    const a = sub(affinity, key);
    const path = child(child(at, 'affinity'), key);
    const must = 'requiredDuringSchedulingIgnoredDuringExecution';
    const wish = 'preferredDuringSchedulingIgnoredDuringExecution';
    terms(child(path, must), items(a, must));
    terms(child(path, wish), items(a, wish), 'podAffinityTerm');
  }
}

function spreadWarnings(tell: Tell, at: string, spec: Obj): void {
  items(spec, 'topologySpreadConstraints').forEach((c, i) => {
    const path = index(child(at, 'topologySpreadConstraints'), i);
    const key = text(c, 'topologyKey');
    if (Object.hasOwn(NODE_LABELS, key)) tell(`${child(path, 'topologyKey')}: ${key} is ${NODE_LABELS[key]}`);
    if (!has(c, 'labelSelector')) tell(`${child(path, 'labelSelector')}: ${NO_POD}`);
  });
}

function aliases(tell: Tell, at: string, spec: Obj): void {
  const seen = new Map<string, number>();
  items(spec, 'hostAliases').forEach((a, i) => {
    const ip = text(a, 'ip');
    const first = seen.get(ip);
    if (first === undefined) seen.set(ip, i);
    else tell(`${child(index(child(at, 'hostAliases'), i), 'ip')}: duplicate ip ${JSON.stringify(ip)}`);
  });
}

function volumeWarnings(tell: Tell, at: string, spec: Obj): void {
  items(spec, 'volumes').forEach((v, i) => {
    const path = index(child(at, 'volumes'), i);
    for (const [key, message] of Object.entries(VOLUMES)) if (has(v, key)) tell(`${child(path, key)}: ${message}`);
    const projected = optional(v, 'projected');
    if (projected && items(projected, 'sources').every(source => Object.keys(source).length === 0))
      tell(`volume ${JSON.stringify(text(v, 'name'))} (Projected) has no sources provided`);
  });
}

function pullSecrets(tell: Tell, at: string, spec: Obj): void {
  const seen = new Set<string>();
  items(spec, 'imagePullSecrets').forEach((s, i) => {
    const name = text(s, 'name');
    const path = child(index(child(at, 'imagePullSecrets'), i), 'name');
    if (name === '') tell(`${path}: invalid empty name ${JSON.stringify(name)}`);
    else if (seen.has(name)) tell(`${path}: duplicate name ${JSON.stringify(name)}`);
    seen.add(name);
  });
}

function containerWarnings(tell: Tell, path: string, c: Obj): void {
  const resources = sub(c, 'resources');
  for (const name of ['memory', 'ephemeral-storage'])
    for (const list of ['limits', 'requests'])
      fractional(tell, { path: child(child(path, 'resources'), list), amounts: sub(resources, list), name });
  const seen = new Set<string>();
  items(c, 'env').forEach((e, i) => {
    const name = text(e, 'name');
    if (seen.has(name))
      tell(`${index(child(path, 'env'), i)}: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`);
    seen.add(name);
  });
}

interface Amount {
  readonly path: string;
  readonly amounts: Obj;
  readonly name: string;
}

function fractional(tell: Tell, { path, amounts, name }: Amount): void {
  const value = amounts[name];
  if (typeof value !== 'string' || !/[mnu.e]/.test(value)) return;
  const q = parseQuantity(value);
  if (q.exponent < 0 && q.unscaled % 10n ** BigInt(-q.exponent) !== 0n)
    tell(`${mapKey(path, name)}: fractional byte value ${JSON.stringify(value)} is invalid, must be an integer`);
}

function overheadWarnings(tell: Tell, at: string, spec: Obj): void {
  for (const name of ['memory', 'ephemeral-storage'])
    fractional(tell, { path: child(at, 'overhead'), amounts: sub(spec, 'overhead'), name });
}

interface SeenPort {
  readonly at: string;
  readonly port: Obj;
}

function portWarnings(tell: Tell, at: string, spec: Obj): void {
  const before: SeenPort[] = [];
  for (const key of ['initContainers', 'containers'])
    items(spec, key).forEach((c, i) => {
      const container = index(child(at, key), i);
      const own = items(c, 'ports').map((port, j) => ({ at: index(child(container, 'ports'), j), port }));
      const others = [...before];
      for (const p of own) {
        definitions(tell, before, p);
        before.push(p);
      }
      for (const p of own) sharedName(tell, others, p);
    });
}

const sameDefinition = (a: Obj, b: Obj): boolean =>
  number(a, 'containerPort') === number(b, 'containerPort') &&
  number(a, 'hostPort') === number(b, 'hostPort') &&
  text(a, 'hostIP') === text(b, 'hostIP') &&
  text(a, 'protocol') === text(b, 'protocol');

const overlaps = (a: Obj, b: Obj): boolean =>
  number(a, 'containerPort') === number(b, 'containerPort') && text(a, 'protocol') === text(b, 'protocol');

function definitions(tell: Tell, before: readonly SeenPort[], { at, port }: SeenPort): void {
  if (text(port, 'hostIP') !== '' && number(port, 'hostPort') === 0) {
    const shown = `{Name:${text(port, 'name')} HostPort:0 ContainerPort:${number(port, 'containerPort')} Protocol:${text(port, 'protocol')} HostIP:${text(port, 'hostIP')}}`;
    tell(`${at}: hostIP set without hostPort: ${shown}`);
  }
  for (const other of before)
    if (overlaps(other.port, port))
      tell(`${at}: ${sameDefinition(other.port, port) ? 'duplicate' : 'overlapping'} port definition with ${other.at}`);
}

function sharedName(tell: Tell, before: readonly SeenPort[], { at, port }: SeenPort): void {
  const name = text(port, 'name');
  const twin = name === '' ? undefined : before.find(b => text(b.port, 'name') === name);
  if (twin)
    tell(
      `${at}: duplicate port name ${JSON.stringify(name)} with ${twin.at}, services and probes that select ports by name will use ${twin.at}`,
    );
}
