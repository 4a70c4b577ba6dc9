// Rules of security contexts, of pods and of containers.
import { posixId, qualifiedName } from '../../../kube/index.ts';
import { child, duplicate, forbiddenField, index, invalidValue, notSupported, oneOf, required, texts } from '../checks.ts';
import { printGo } from '../go-print.ts';
import { type Faults, flag, has, items, number, type Obj, optional, sub, text } from '../read.ts';
import { localDescending } from './local-path.ts';

const id = (faults: Faults, path: string, o: Obj, key: string): void => {
  if (has(o, key)) texts(faults, child(path, key), number(o, key), posixId(number(o, key)));
};

/** securityContext of a container */
export function containerSecurity(faults: Faults, path: string, sc: Obj | undefined, spec: Obj): void {
  if (!sc) return;
  if (flag(sc, 'privileged') && spec['hostUsers'] === false)
    faults.push(forbiddenField(child(path, 'privileged'), 'disallowed by cluster policy'));
  id(faults, path, sc, 'runAsUser');
  id(faults, path, sc, 'runAsGroup');
  if (has(sc, 'procMount')) {
    const mount = text(sc, 'procMount');
    oneOf(faults, child(path, 'procMount'), mount, ['Default', 'Unmasked']);
    if (spec['hostUsers'] !== false && mount === 'Unmasked')
      faults.push(invalidValue(child(path, 'procMount'), mount, '`hostUsers` must be false to use `Unmasked`'));
  }
  seccomp(faults, child(path, 'seccompProfile'), optional(sc, 'seccompProfile'));
  if (sc['allowPrivilegeEscalation'] === false) {
    if (flag(sc, 'privileged'))
      faults.push(
        invalidValue(path, printGo('SecurityContext', sc), 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'),
      );
    const added = sub(sc, 'capabilities')['add'];
    if (Array.isArray(added) && added.includes('CAP_SYS_ADMIN'))
      faults.push(
        invalidValue(
          path,
          printGo('SecurityContext', sc),
          'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN',
        ),
      );
  }
  windows(faults, child(path, 'windowsOptions'), optional(sc, 'windowsOptions'));
  appArmor(faults, child(path, 'appArmorProfile'), optional(sc, 'appArmorProfile'));
}

function seccomp(faults: Faults, path: string, profile: Obj | undefined): void {
  if (!profile) return;
  const type = text(profile, 'type');
  const known = ['Localhost', 'RuntimeDefault', 'Unconfined'];
  if (type === '') faults.push(required(child(path, 'type'), 'type is required when seccompProfile is set'));
  else if (!known.includes(type)) faults.push(notSupported(child(path, 'type'), type, known));
  if (type === 'Localhost') {
    if (!has(profile, 'localhostProfile'))
      faults.push(required(child(path, 'localhostProfile'), 'must be set when seccomp type is Localhost'));
    else localDescending(faults, child(path, 'localhostProfile'), text(profile, 'localhostProfile'));
  } else if (has(profile, 'localhostProfile')) {
    const why = 'can only be set when seccomp type is Localhost';
    faults.push(invalidValue(child(path, 'localhostProfile'), printGo('SeccompProfile', profile), why));
  }
}

function appArmor(faults: Faults, path: string, profile: Obj | undefined): void {
  if (!profile) return;
  const type = text(profile, 'type');
  const at = child(path, 'localhostProfile');
  if (type === 'Localhost') {
    const file = text(profile, 'localhostProfile');
    if (!has(profile, 'localhostProfile')) faults.push(required(at, 'must be set when AppArmor type is Localhost'));
    else if (file.trim() !== file) faults.push(invalidValue(at, file, 'must not be padded with whitespace'));
    else if (file === '') faults.push(required(at, 'must be set when AppArmor type is Localhost'));
    if (file.length > 4095) faults.push(invalidValue(at, file, 'may not be more than 4095 bytes'));
  } else if (type === 'RuntimeDefault' || type === 'Unconfined') {
    if (has(profile, 'localhostProfile'))
      faults.push(invalidValue(at, text(profile, 'localhostProfile'), 'can only be set when AppArmor type is Localhost'));
  } else if (type === '') faults.push(required(child(path, 'type'), 'type is required when appArmorProfile is set'));
  else faults.push(notSupported(child(path, 'type'), type, ['Localhost', 'RuntimeDefault', 'Unconfined']));
}

function windows(faults: Faults, path: string, o: Obj | undefined): void {
  if (!o) return;
  if (has(o, 'gmsaCredentialSpecName')) {
    const name = text(o, 'gmsaCredentialSpecName');
    for (const message of qualifiedName(name)) faults.push(invalidValue(child(path, 'gmsaCredentialSpecName'), name, message));
  }
  if (has(o, 'gmsaCredentialSpec') && text(o, 'gmsaCredentialSpec') === '')
    faults.push(invalidValue(child(path, 'gmsaCredentialSpec'), '', 'gmsaCredentialSpec cannot be an empty string'));
  if (has(o, 'runAsUserName') && text(o, 'runAsUserName') === '')
    faults.push(invalidValue(child(path, 'runAsUserName'), '', 'runAsUserName cannot be an empty string'));
}

const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*([a-z0-9][-_a-z0-9]*)?[a-z0-9]$/;

function sysctls(faults: Faults, path: string, sc: Obj): void {
  const names = new Set<string>();
  items(sc, 'sysctls').forEach((s, i) => {
    const name = text(s, 'name');
    const at = index(path, i);
    if (name === '') faults.push(required(child(at, 'name')));
    else if (!SYSCTL.test(name) || name.length > 253) {
      const why = `must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*([a-z0-9][-_a-z0-9]*)?[a-z0-9]$`;
      faults.push(invalidValue(child(at, 'name'), name, why));
    } else if (names.has(name)) faults.push(duplicate(child(at, 'name'), name));
    names.add(name);
  });
}

/** securityContext of a pod, with the host's namespaces that share it. */
export function podSecurity(faults: Faults, path: string, spec: Obj): void {
  const at = child(path, 'securityContext');
  const sc = sub(spec, 'securityContext');
  hostNetworkPorts(faults, path, spec);
  if (has(sc, 'fsGroup')) id(faults, at, sc, 'fsGroup');
  id(faults, at, sc, 'runAsUser');
  id(faults, at, sc, 'runAsGroup');
  (Array.isArray(sc['supplementalGroups']) ? (sc['supplementalGroups'] as number[]) : []).forEach((group, i) => {
    texts(faults, index(child(at, 'supplementalGroups'), i), group, posixId(group));
  });
  if (has(spec, 'shareProcessNamespace') && flag(spec, 'hostPID') && flag(spec, 'shareProcessNamespace'))
    faults.push(invalidValue(child(at, 'shareProcessNamespace'), true, 'ShareProcessNamespace and HostPID cannot both be enabled'));
  sysctls(faults, child(at, 'sysctls'), sc);
  choice(faults, at, sc, 'fsGroupChangePolicy', ['Always', 'OnRootMismatch']);
  seccomp(faults, child(at, 'seccompProfile'), optional(sc, 'seccompProfile'));
  windows(faults, child(at, 'windowsOptions'), optional(sc, 'windowsOptions'));
  appArmor(faults, child(at, 'appArmorProfile'), optional(sc, 'appArmorProfile'));
  choice(faults, at, sc, 'supplementalGroupsPolicy', ['Merge', 'Strict']);
  choice(faults, at, sc, 'seLinuxChangePolicy', ['MountOption', 'Recursive']);
}

function choice(faults: Faults, path: string, o: Obj, key: string, supported: readonly string[]): void {
  if (has(o, key)) oneOf(faults, child(path, key), text(o, key), supported);
}

function hostNetworkPorts(faults: Faults, path: string, spec: Obj): void {
  if (!flag(spec, 'hostNetwork')) return;
  items(spec, 'containers').forEach((c, i) => {
    items(c, 'ports').forEach((p, j) => {
      const hostPort = number(p, 'hostPort');
      if (hostPort !== 0 && hostPort !== number(p, 'containerPort'))
        faults.push(
          invalidValue(
            child(index(child(index(child(path, 'containers'), i), 'ports'), j), 'hostPort'),
            hostPort,
            'must match `containerPort` when `hostNetwork` is true',
          ),
        );
    });
  });
}
