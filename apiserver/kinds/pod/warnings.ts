// Warnings about pod specifications: what is deprecated, does nothing, or contradicts itself.
import { addressWarnings, dns1123Label, formatQuantity, labelValue, parseQuantity } from '../../../kube/index.ts';
import { child, index, mapKey } from '../checks.ts';
import { deprecatedLabel, labelMapWarnings, nodeTermWarnings } from '../node-labels.ts';
import { has, items, number, type Obj, optional, strings, sub, text } from '../read.ts';
import { pathWarnings } from './path-warnings.ts';

type Tell = (text: string) => void;

const ANNOTATIONS: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};

/** By field, with the field's name as warnings write it. */
const VOLUMES: readonly (readonly [key: string, shown: string, why: string])[] = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

/** Warning of a new object whose name becomes part of names of pods, or is one, and is no label. */
export function nameWarnings(o: Obj, use = 'Pod names and hostnames'): string[] {
  const bad = dns1123Label(text(sub(o, 'metadata'), 'name'));
  if (bad.length === 0) return [];
  return [`metadata.name: this is used in ${use}, which can result in surprising behavior; a DNS label is recommended: [${bad.join(' ')}]`];
}

/** Warnings of a pod template or pod whose metadata and spec lie at `path` (`''` for a pod). */
export function podWarnings(path: string, pod: Obj): string[] {
  const out: string[] = [];
  const spec = sub(pod, 'spec');
  const at = child(path, 'spec');
  const tell: Tell = message => out.push(message);
  for (const text of labelMapWarnings(child(at, 'nodeSelector'), sub(spec, 'nodeSelector'))) tell(text);
  nodeAffinityWarnings(tell, child(at, 'affinity.nodeAffinity'), sub(sub(spec, 'affinity'), 'nodeAffinity'));
  spreadWarnings(tell, at, spec);
  for (const [key, why] of Object.entries(ANNOTATIONS))
    if (Object.hasOwn(annotationsOf(pod), key)) tell(`${annotation(path, key)}: ${why}`);
  volumeWarnings(tell, at, spec);
  for (const text of pathWarnings(items(spec, 'volumes'))) tell(text);
  aliases(tell, at, spec);
  pullSecrets(tell, at, spec);
  overheadWarnings(tell, at, spec);
  seccompWarning(tell, { path, pod, holder: spec, key: 'seccomp.security.alpha.kubernetes.io/pod' });
  eachContainer(at, spec, (c, own) => {
    seccompWarning(tell, { path, pod, holder: c, key: `container.seccomp.security.alpha.kubernetes.io/${text(c, 'name')}` });
    if (path !== '') appArmorWarning(tell, path, pod, c);
    containerWarnings(tell, own, c);
  });
  portWarnings(tell, at, spec);
  if (number(spec, 'terminationGracePeriodSeconds') < 0)
    tell(`${child(at, 'terminationGracePeriodSeconds')}: must be >= 0; negative values are invalid and will be treated as 1`);
  affinityWarnings(tell, at, spec);
  hostAddresses(tell, at, spec);
  return out;
}

const annotationsOf = (pod: Obj): Obj => sub(sub(pod, 'metadata'), 'annotations');
const annotation = (path: string, key: string): string => mapKey(child(path, 'metadata.annotations'), key);

/** Every container in the order in which the reference visits them. */
function eachContainer(at: string, spec: Obj, visit: (c: Obj, path: string) => void): void {
  for (const key of ['initContainers', 'containers', 'ephemeralContainers'])
    items(spec, key).forEach((c, i) => {
      visit(c, index(child(at, key), i));
    });
}

interface Annotated {
  readonly path: string;
  readonly pod: Obj;
  /** Whose securityContext would replace the annotation. */
  readonly holder: Obj;
  readonly key: string;
}

function seccompWarning(tell: Tell, { path, pod, holder, key }: Annotated): void {
  if (!has(sub(holder, 'securityContext'), 'seccompProfile') && Object.hasOwn(annotationsOf(pod), key))
    tell(`${annotation(path, key)}: non-functional in v1.27+; use the "seccompProfile" field instead`);
}

function appArmorWarning(tell: Tell, path: string, pod: Obj, c: Obj): void {
  const key = `container.apparmor.security.beta.kubernetes.io/${text(c, 'name')}`;
  const given = annotationsOf(pod)[key];
  if (given === undefined || has(sub(c, 'securityContext'), 'appArmorProfile')) return;
  const whole = optional(sub(sub(pod, 'spec'), 'securityContext'), 'appArmorProfile');
  const same = whole && given === { Unconfined: 'unconfined', RuntimeDefault: 'runtime/default' }[text(whole, 'type')];
  const local = whole && text(whole, 'type') === 'Localhost' && given === `localhost/${text(whole, 'localhostProfile')}`;
  if (!same && !local) tell(`${annotation(path, key)}: deprecated since v1.30; use the "appArmorProfile" field instead`);
}

function nodeAffinityWarnings(tell: Tell, at: string, affinity: Obj): void {
  const must = 'requiredDuringSchedulingIgnoredDuringExecution';
  const wish = 'preferredDuringSchedulingIgnoredDuringExecution';
  items(sub(affinity, must), 'nodeSelectorTerms').forEach((t, i) => {
    for (const text of nodeTermWarnings(index(child(child(at, must), 'nodeSelectorTerms'), i), t)) tell(text);
  });
  items(affinity, wish).forEach((t, i) => {
    for (const text of nodeTermWarnings(child(index(child(at, wish), i), 'preference'), sub(t, 'preference'), labelValue)) tell(text);
  });
}

function hostAddresses(tell: Tell, at: string, spec: Obj): void {
  strings(sub(spec, 'dnsConfig'), 'nameservers').forEach((ns, i) => {
    for (const text of addressWarnings(ns, index(child(at, 'dnsConfig.nameservers'), i))) tell(text);
  });
  items(spec, 'hostAliases').forEach((a, i) => {
    for (const warning of addressWarnings(text(a, 'ip'), child(index(child(at, 'hostAliases'), i), 'ip'))) tell(warning);
  });
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
    const why = deprecatedLabel(key);
    if (why !== undefined) tell(`${child(path, 'topologyKey')}: ${key} is ${why}`);
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
    for (const [key, shown, why] of VOLUMES) if (has(v, key)) tell(`${child(path, shown)}: ${why}`);
    const template = optional(sub(v, 'ephemeral'), 'volumeClaimTemplate');
    if (template) for (const text of claimWarnings(child(path, 'ephemeral.volumeClaimTemplate.spec'), sub(template, 'spec'))) tell(text);
  });
}

/** Warnings about the size that a claim asks for. */
export function claimWarnings(path: string, spec: Obj): string[] {
  const out: string[] = [];
  for (const list of ['requests', 'limits'])
    fractional(text => out.push(text), {
      path: child(child(path, 'resources'), list),
      amounts: sub(sub(spec, 'resources'), list),
      name: 'storage',
    });
  return out;
}

function pullSecrets(tell: Tell, at: string, spec: Obj): void {
  const seen = new Set<string>();
  const list = items(spec, 'imagePullSecrets').map((s, i) => ({
    name: text(s, 'name'),
    path: child(index(child(at, 'imagePullSecrets'), i), 'name'),
  }));
  for (const { name, path } of list) {
    if (seen.has(name)) tell(`${path}: duplicate name ${JSON.stringify(name)}`);
    seen.add(name);
  }
  for (const { name, path } of list) if (name === '') tell(`${path}: invalid empty name ${JSON.stringify(name)}`);
}

function containerWarnings(tell: Tell, path: string, c: Obj): void {
  const resources = sub(c, 'resources');
  for (const name of ['memory', 'ephemeral-storage'])
    for (const list of ['limits', 'requests'])
      fractional(tell, { path: child(child(path, 'resources'), list), amounts: sub(resources, list), name });
  const seen = new Set<string>();
  items(c, 'env').forEach((e, i) => {
    const name = text(e, 'name');
    if (seen.has(name) && hides(e))
      tell(`${index(child(path, 'env'), i)}: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`);
    seen.add(name);
  });
}

/** Whether a variable that was there before is lost: its new value does not build upon the old one. */
function hides(e: Obj): boolean {
  const reference = `$(${text(e, 'name')})`;
  return has(e, 'valueFrom') || text(e, 'value') === reference || !text(e, 'value').includes(reference);
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
    tell(`${mapKey(path, name)}: fractional byte value ${JSON.stringify(formatQuantity(q))} is invalid, must be an integer`);
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
  const all: SeenPort[] = [];
  eachContainer(at, spec, (c, path) => {
    items(c, 'ports').forEach((port, i) => {
      all.push({ at: index(child(path, 'ports'), i), port });
    });
  });
  all.forEach((p, i) => {
    definitions(tell, all.slice(0, i), p);
  });
  const names = new Map<string, string>();
  for (const p of all) {
    const name = text(p.port, 'name');
    const first = names.get(name);
    if (first !== undefined)
      tell(
        `${p.at}: duplicate port name ${JSON.stringify(name)} with ${first}, services and probes that select ports by name will use ${first}`,
      );
    else if (name !== '') names.set(name, p.at);
  }
}

function definitions(tell: Tell, before: readonly SeenPort[], { at, port }: SeenPort): void {
  if (text(port, 'hostIP') !== '' && number(port, 'hostPort') === 0) {
    const shown = `{Name:${text(port, 'name')} HostPort:0 ContainerPort:${number(port, 'containerPort')} Protocol:${text(port, 'protocol')} HostIP:${text(port, 'hostIP')}}`;
    tell(`${at}: hostIP set without hostPort: ${shown}`);
  }
  for (const other of before) {
    const how = clash(port, other.port);
    if (how !== undefined) tell(`${at}: ${how} port definition with ${other.at}`);
  }
}

/** How two ports get into each other's way; undefined where they do not. */
function clash(a: Obj, b: Obj): string | undefined {
  if (number(a, 'containerPort') !== number(b, 'containerPort') || text(a, 'protocol') !== text(b, 'protocol')) return undefined;
  const [ours, theirs] = [number(a, 'hostPort'), number(b, 'hostPort')];
  if (ours === theirs && text(a, 'hostIP') === text(b, 'hostIP')) return 'duplicate';
  if (ours === 0 || theirs === 0) return 'overlapping';
  return ours === theirs && (text(a, 'hostIP') === '') !== (text(b, 'hostIP') === '') ? 'dangerously ambiguous' : undefined;
}
