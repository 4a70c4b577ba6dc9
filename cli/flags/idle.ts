// Flags of the reference that are taken so that its manifests work, but change nothing here.

/** By flag: why it changes nothing. */
export type Idle = Readonly<Record<string, string>>;

export const idleEverywhere: Idle = {
  'enable-pprof': 'profile with node --cpu-prof or --inspect instead',
  'profiling-bind-address': 'profile with node --cpu-prof or --inspect instead',
  'auto-gomemlimit-ratio': 'memory is bounded with NODE_OPTIONS=--max-old-space-size',
  'logging-format': 'logs are always JSON lines',
};

export const idleOfControllers: Idle = {
  'cluster-api-kubeconfig': 'clusters of Cluster API are not found by themselves: register them with flotilla join',
  'cluster-api-context': 'clusters of Cluster API are not found by themselves: register them with flotilla join',
  'cluster-lease-renew-interval-fraction': 'an agent renews its lease whenever it reports: see --cluster-status-update-frequency',
  'cluster-cache-sync-timeout': 'nothing waits for the cache of another cluster here',
  'resync-period': 'copies are listed again when a watch breaks, not by time',
};
