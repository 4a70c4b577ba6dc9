// Flags of components that stand alone, under the names and defaults of the reference (specification scheduler §10, controllers §10).
import { type Flag, flagsOf } from '../../kube/index.ts';

/** How the control plane is reached by a component that stands alone. */
export interface ClientFlags {
  readonly kubeconfig: string;
  readonly context: string;
  readonly master: string;
  readonly kubeApiQps: number;
  readonly kubeApiBurst: number;
}

export function clientFlags(o: { readonly of: string; readonly qps: number; readonly burst: number }): readonly Flag[] {
  const flag = flagsOf<ClientFlags>();
  return [
    flag('kubeconfig', 'text', '', `kubeconfig of ${o.of} (default: $KUBECONFIG, then ~/.kube/config)`),
    flag('context', 'text', '', 'context in it (default: the current one)'),
    flag('master', 'text', '', 'URL of the API server; overrides the one in the kubeconfig'),
    flag('kubeApiQps', 'number', o.qps, 'requests a second to the API server, in the long run'),
    flag('kubeApiBurst', 'number', o.burst, 'requests at once to the API server'),
  ];
}

export interface LeaderFlags {
  readonly leaderElect: boolean;
  readonly leaderElectLeaseDurationMs: number;
  readonly leaderElectRenewDeadlineMs: number;
  readonly leaderElectRetryPeriodMs: number;
  readonly leaderElectResourceNamespace: string;
  readonly leaderElectResourceName: string;
}

export function leaderFlags(lease: string): readonly Flag[] {
  const flag = flagsOf<LeaderFlags>();
  return [
    flag('leaderElect', 'boolean', true, 'work only while holding the lease, so that several may run'),
    flag('leaderElectLeaseDurationMs', 'duration', 15_000, 'how long the others wait before they take a lease that is not renewed'),
    flag('leaderElectRenewDeadlineMs', 'duration', 10_000, 'how long the leader tries to renew before it gives up and ends'),
    flag('leaderElectRetryPeriodMs', 'duration', 2_000, 'time between tries to acquire or renew'),
    flag('leaderElectResourceNamespace', 'text', 'karmada-system', 'namespace of the lease'),
    flag('leaderElectResourceName', 'text', lease, 'name of the lease'),
  ];
}

/** Addresses are `host:port`, `:port` for every interface, `0` or nothing for off. */
export interface ServingFlags {
  readonly metricsBindAddress: string;
  readonly healthProbeBindAddress: string;
}

export function servingFlags(o: { readonly metrics: string; readonly health: string }): readonly Flag[] {
  const flag = flagsOf<ServingFlags>();
  return [
    flag('metricsBindAddress', 'text', o.metrics, 'address of /metrics: host:port, :port, or 0 for none'),
    flag('healthProbeBindAddress', 'text', o.health, 'address of /healthz and /readyz: host:port, :port, or 0 for none'),
  ];
}

export interface LogFlags {
  readonly logLevel: string;
  readonly v: number;
}

export const logFlags: readonly Flag[] = [
  flagsOf<LogFlags>()('logLevel', 'text', 'info', 'what is logged: debug, info, warn or error'),
  flagsOf<LogFlags>()('v', 'number', 0, "the reference's verbosity: from 4 on, debug"),
];

/** How members are reached. */
export interface MemberClientFlags {
  readonly clusterApiQps: number;
  readonly clusterApiBurst: number;
}

export const memberClientFlags: readonly Flag[] = [
  flagsOf<MemberClientFlags>()('clusterApiQps', 'number', 1000, 'requests a second to each member, in the long run'),
  flagsOf<MemberClientFlags>()('clusterApiBurst', 'number', 2000, 'requests at once to each member'),
];
