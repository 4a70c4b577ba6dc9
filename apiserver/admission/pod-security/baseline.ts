// The checks of the level baseline: what would give a pod the host (https://k8s.io/docs/concepts/security/pod-security-standards).
import { isObject, listOf, objectOf, stringOf } from '../../../kube/index.ts';
import {
  type Check,
  type CheckPod,
  containersOf,
  containersText,
  contextOf,
  contextsOf,
  distinct,
  named,
  type PodUnderCheck,
  plural,
  quoted,
  type Raw,
  settersText,
} from './check.ts';

const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';
const goodProfile = (type: unknown): boolean => type === 'RuntimeDefault' || type === 'Localhost';

function appArmor(pod: PodUnderCheck): ReturnType<CheckPod> {
  const typeOf = (context: Raw): unknown => (isObject(context['appArmorProfile']) ? context['appArmorProfile']['type'] : 'RuntimeDefault');
  const setters = settersText(pod, context => !goodProfile(typeOf(context)));
  const types = contextsOf(pod)
    .map(typeOf)
    .filter(type => !goodProfile(type))
    .map(stringOf);
  const annotations = Object.entries(pod.annotations)
    .filter(([key, value]) => key.startsWith(APP_ARMOR) && value !== '' && value !== 'runtime/default' && !value.startsWith('localhost/'))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort();
  const who = [...(setters ? [setters] : []), ...(annotations.length > 0 ? [plural('annotation', 'annotations', annotations.length)] : [])];
  if (who.length === 0) return undefined;
  const values = [...distinct(types), ...annotations];
  return {
    reason: plural('forbidden AppArmor profile', 'forbidden AppArmor profiles', values.length),
    detail: `${who.join(' and ')} must not set AppArmor profile type to ${quoted(values)}`,
  };
}

const DEFAULT_CAPABILITIES = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(' '),
);

/** Capabilities that a container adds beyond some. */
const addedBeyond = (container: Raw, allowed: ReadonlySet<string>): string[] =>
  listOf(objectOf(contextOf(container)['capabilities'])['add'])
    .map(stringOf)
    .filter(c => !allowed.has(c));

/** `container "a" must not include "X" in securityContext.capabilities.add`; undefined where none adds more. */
export function addedText(pod: PodUnderCheck, allowed: ReadonlySet<string>): string | undefined {
  const bad = named(pod, c => addedBeyond(c, allowed).length > 0);
  if (bad.length === 0) return undefined;
  const capabilities = distinct(containersOf(pod).flatMap(c => addedBeyond(c, allowed)));
  return `${containersText(bad)} must not include ${quoted(capabilities)} in securityContext.capabilities.add`;
}

function capabilities(pod: PodUnderCheck): ReturnType<CheckPod> {
  const detail = addedText(pod, DEFAULT_CAPABILITIES);
  return detail === undefined ? undefined : { reason: 'non-default capabilities', detail };
}

function hostNamespaces({ spec }: PodUnderCheck): ReturnType<CheckPod> {
  const shared = ['hostIPC', 'hostNetwork', 'hostPID'].filter(key => spec[key] === true);
  return shared.length === 0 ? undefined : { reason: 'host namespaces', detail: shared.join(', ') };
}

function hostPaths({ spec }: PodUnderCheck): ReturnType<CheckPod> {
  const volumes = listOf(spec['volumes']).filter(isObject);
  const names = volumes.filter(v => isObject(v['hostPath'])).map(v => stringOf(v['name']));
  if (names.length === 0) return undefined;
  return { reason: 'hostPath volumes', detail: `${plural('volume', 'volumes', names.length)} ${quoted(names)}` };
}

function hostPorts(pod: PodUnderCheck): ReturnType<CheckPod> {
  const portsOf = (c: Raw): string[] =>
    listOf(c['ports'])
      .map(p => objectOf(p)['hostPort'])
      .filter(port => typeof port === 'number' && port !== 0)
      .map(String);
  const bad = named(pod, c => portsOf(c).length > 0);
  if (bad.length === 0) return undefined;
  const ports = distinct(containersOf(pod).flatMap(portsOf));
  const uses = plural('uses', 'use', bad.length);
  return {
    reason: 'hostPort',
    detail: `${containersText(bad)} ${uses} ${plural('hostPort', 'hostPorts', ports.length)} ${ports.join(', ')}`,
  };
}

function hostsOf(container: Raw): string[] {
  const lifecycle = objectOf(container['lifecycle']);
  const handlers = [
    container['livenessProbe'],
    container['readinessProbe'],
    container['startupProbe'],
    lifecycle['postStart'],
    lifecycle['preStop'],
  ];
  return handlers
    .flatMap(h => ['httpGet', 'tcpSocket'].map(kind => stringOf(objectOf(objectOf(h)[kind])['host'])))
    .filter(host => host !== '');
}

function probeHosts(pod: PodUnderCheck): ReturnType<CheckPod> {
  const bad = distinct(named(pod, c => hostsOf(c).length > 0));
  if (bad.length === 0) return undefined;
  const hosts = distinct(containersOf(pod).flatMap(hostsOf));
  const what = plural('probe or lifecycle host', 'probe or lifecycle hosts', hosts.length);
  return {
    reason: 'probe or lifecycle host',
    detail: `${containersText(bad)} ${plural('uses', 'use', bad.length)} ${what} ${quoted(hosts)}`,
  };
}

function privileged(pod: PodUnderCheck): ReturnType<CheckPod> {
  const bad = named(pod, c => contextOf(c)['privileged'] === true);
  return bad.length === 0
    ? undefined
    : { reason: 'privileged', detail: `${containersText(bad)} must not set securityContext.privileged=true` };
}

export function procMount(pod: PodUnderCheck): ReturnType<CheckPod> {
  const typeOf = (c: Raw): unknown => contextOf(c)['procMount'] ?? 'Default';
  const bad = named(pod, c => typeOf(c) !== 'Default');
  if (bad.length === 0) return undefined;
  const types = distinct(
    containersOf(pod)
      .map(typeOf)
      .filter(t => t !== 'Default')
      .map(stringOf),
  );
  return { reason: 'procMount', detail: `${containersText(bad)} must not set securityContext.procMount to ${quoted(types)}` };
}

/** A pod with users of its own is not the host's root, whatever it says. */
export const unlessOwnUsers =
  (check: CheckPod): CheckPod =>
  pod =>
    pod.spec['hostUsers'] === false ? undefined : check(pod);

const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

const selinux =
  (types: readonly string[]): CheckPod =>
  pod => {
    const optionsOf = (context: Raw): Raw => objectOf(context['seLinuxOptions']);
    const text = (options: Raw, key: string): string => stringOf(options[key]);
    const bad = (o: Raw): boolean => !types.includes(text(o, 'type')) || text(o, 'user') !== '' || text(o, 'role') !== '';
    const setters = settersText(pod, context => bad(optionsOf(context)));
    if (setters === '') return undefined;
    const all = contextsOf(pod).map(optionsOf);
    const badTypes = distinct(all.map(o => text(o, 'type')).filter(type => !types.includes(type)));
    const data = [
      ...(badTypes.length > 0 ? [`${plural('type', 'types', badTypes.length)} ${quoted(badTypes)}`] : []),
      ...(all.some(o => text(o, 'user') !== '') ? ['user may not be set'] : []),
      ...(all.some(o => text(o, 'role') !== '') ? ['role may not be set'] : []),
    ];
    return { reason: 'seLinuxOptions', detail: `${setters} set forbidden securityContext.seLinuxOptions: ${data.join('; ')}` };
  };

const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';

function seccompAnnotations(pod: PodUnderCheck): ReturnType<CheckPod> {
  const keys = [SECCOMP_POD, ...containersOf(pod).map(c => SECCOMP_CONTAINER + stringOf(c['name']))];
  const good = (v: string): boolean => v === 'runtime/default' || v === 'docker/default' || v.startsWith('localhost/');
  const bad = distinct(
    keys.flatMap(key => {
      const value = pod.annotations[key];
      return value === undefined || good(value) ? [] : [`${key}=${JSON.stringify(value)}`];
    }),
  );
  if (bad.length === 0) return undefined;
  return { reason: 'seccompProfile', detail: `forbidden ${plural('annotation', 'annotations', bad.length)} ${bad.join(', ')}` };
}

/** The finding about profiles that are set and wrong; undefined where none is. */
export function seccomp(pod: PodUnderCheck): ReturnType<CheckPod> {
  const typeOf = (context: Raw): unknown => (isObject(context['seccompProfile']) ? context['seccompProfile']['type'] : 'RuntimeDefault');
  const setters = settersText(pod, context => !goodProfile(typeOf(context)));
  if (setters === '') return undefined;
  const types = contextsOf(pod)
    .map(typeOf)
    .filter(type => !goodProfile(type));
  return {
    reason: 'seccompProfile',
    detail: `${setters} must not set securityContext.seccompProfile.type to ${quoted(distinct(types.map(stringOf)))}`,
  };
}

const SYSCTLS_0 =
  'kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.tcp_syncookies net.ipv4.ping_group_range net.ipv4.ip_unprivileged_port_start';
const SYSCTLS_27 = `${SYSCTLS_0} net.ipv4.ip_local_reserved_ports`;
const SYSCTLS_29 = `${SYSCTLS_27} net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes`;
const SYSCTLS_32 = `${SYSCTLS_29} net.ipv4.tcp_rmem net.ipv4.tcp_wmem`;

function sysctls(allowed: string): CheckPod {
  const safe = new Set(allowed.split(' '));
  return ({ spec }) => {
    const names = listOf(contextOf(spec)['sysctls']).map(s => stringOf(objectOf(s)['name']));
    const bad = names.filter(name => !safe.has(name));
    return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
  };
}

function hostProcess(pod: PodUnderCheck): ReturnType<CheckPod> {
  const setters = settersText(pod, context => objectOf(context['windowsOptions'])['hostProcess'] === true);
  if (setters === '') return undefined;
  return { reason: 'hostProcess', detail: `${setters} must not set securityContext.windowsOptions.hostProcess=true` };
}

const baseline = (id: string, ...versions: Check['versions'][number][]): Check => ({ id, level: 'baseline', versions });

export const BASELINE: readonly Check[] = [
  baseline('appArmorProfile', [0, appArmor]),
  baseline('capabilities_baseline', [0, capabilities]),
  baseline('hostNamespaces', [0, hostNamespaces]),
  baseline('hostPathVolumes', [0, hostPaths]),
  baseline('hostPorts', [0, hostPorts]),
  baseline('hostProbesAndHostLifecycle', [34, probeHosts]),
  baseline('privileged', [0, privileged]),
  baseline('procMount_baseline', [0, procMount], [35, unlessOwnUsers(procMount)]),
  baseline('seLinuxOptions', [0, selinux(SELINUX_TYPES)], [31, selinux([...SELINUX_TYPES, 'container_engine_t'])]),
  baseline('seccompProfile_baseline', [0, seccompAnnotations], [19, seccomp]),
  baseline('sysctls', [0, sysctls(SYSCTLS_0)], [27, sysctls(SYSCTLS_27)], [29, sysctls(SYSCTLS_29)], [32, sysctls(SYSCTLS_32)]),
  baseline('windowsHostProcess', [0, hostProcess]),
];
