// The checks of the level restricted: what good practice demands of a pod beyond baseline.
import { isObject, listOf, objectOf, stringOf } from '../../../kube/index.ts';
import { addedText, procMount, seccomp, unlessOwnUsers } from './baseline.ts';
import {
  type Check,
  type CheckPod,
  containersText,
  contextOf,
  distinct,
  isSet,
  isWindows,
  named,
  type PodUnderCheck,
  plural,
  quoted,
  settersText,
} from './check.ts';

function escalation(pod: PodUnderCheck): ReturnType<CheckPod> {
  const bad = named(pod, c => contextOf(c)['allowPrivilegeEscalation'] !== false);
  if (bad.length === 0) return undefined;
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${containersText(bad)} must set securityContext.allowPrivilegeEscalation=false`,
  };
}

const NET_BIND = new Set(['NET_BIND_SERVICE']);

function capabilities(pod: PodUnderCheck): ReturnType<CheckPod> {
  const keeping = named(pod, c => !listOf(objectOf(contextOf(c)['capabilities'])['drop']).includes('ALL'));
  const added = addedText(pod, NET_BIND);
  const details = [
    ...(keeping.length > 0 ? [`${containersText(keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(added === undefined ? [] : [added]),
  ];
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
}

const GOOD_VOLUMES = 'configMap csi downwardAPI emptyDir ephemeral persistentVolumeClaim projected secret'.split(' ');
const OTHER_VOLUMES = (
  'hostPath gcePersistentDisk awsElasticBlockStore gitRepo nfs iscsi glusterfs rbd flexVolume cinder cephfs flocker fc ' +
  'azureFile vsphereVolume quobyte azureDisk photonPersistentDisk portworxVolume scaleIO storageos'
).split(' ');

function volumes({ spec }: PodUnderCheck): ReturnType<CheckPod> {
  const bad = listOf(spec['volumes'])
    .filter(isObject)
    .filter(v => !GOOD_VOLUMES.some(type => isSet(v[type])));
  if (bad.length === 0) return undefined;
  const types = distinct(bad.map(v => OTHER_VOLUMES.find(type => isSet(v[type])) ?? 'unknown'));
  const who = `${plural('volume', 'volumes', bad.length)} ${quoted(bad.map(v => stringOf(v['name'])))} ${plural('uses', 'use', bad.length)}`;
  const what = plural('restricted volume type', 'restricted volume types', types.length);
  return { reason: 'restricted volume types', detail: `${who} ${what} ${quoted(types)}` };
}

function nonRoot(pod: PodUnderCheck): ReturnType<CheckPod> {
  const reason = 'runAsNonRoot != true';
  const setters = settersText(pod, context => context['runAsNonRoot'] === false);
  if (setters !== '') return { reason, detail: `${setters} must not set securityContext.runAsNonRoot=false` };
  if (contextOf(pod.spec)['runAsNonRoot'] === true) return undefined;
  const open = named(pod, c => !isSet(contextOf(c)['runAsNonRoot']));
  return open.length === 0 ? undefined : { reason, detail: `pod or ${containersText(open)} must set securityContext.runAsNonRoot=true` };
}

function rootUser(pod: PodUnderCheck): ReturnType<CheckPod> {
  const setters = settersText(pod, context => context['runAsUser'] === 0);
  return setters === '' ? undefined : { reason: 'runAsUser=0', detail: `${setters} must not set runAsUser=0` };
}

function seccompSet(pod: PodUnderCheck): ReturnType<CheckPod> {
  const wrong = seccomp(pod);
  if (wrong) return wrong;
  if (isObject(contextOf(pod.spec)['seccompProfile'])) return undefined;
  const open = named(pod, c => !isObject(contextOf(c)['seccompProfile']));
  if (open.length === 0) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `pod or ${containersText(open)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  };
}

/** What only Linux knows is not asked of pods for Windows. */
const onLinux =
  (check: CheckPod): CheckPod =>
  pod =>
    isWindows(pod) ? undefined : check(pod);

const restricted = (id: string, ...versions: Check['versions'][number][]): Check => ({ id, level: 'restricted', versions });

export const RESTRICTED: readonly Check[] = [
  restricted('allowPrivilegeEscalation', [8, escalation], [25, onLinux(escalation)]),
  { ...restricted('capabilities_restricted', [22, capabilities], [25, onLinux(capabilities)]), overrides: 'capabilities_baseline' },
  { ...restricted('procMount_restricted', [35, procMount]), overrides: 'procMount_baseline' },
  { ...restricted('restrictedVolumes', [0, volumes]), overrides: 'hostPathVolumes' },
  restricted('runAsNonRoot', [0, nonRoot], [35, unlessOwnUsers(nonRoot)]),
  restricted('runAsUser', [23, rootUser], [35, unlessOwnUsers(rootUser)]),
  { ...restricted('seccompProfile_restricted', [19, seccompSet], [25, onLinux(seccompSet)]), overrides: 'seccompProfile_baseline' },
];
