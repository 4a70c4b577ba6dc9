// Feature gates of scheduling with their defaults (specification §10). They are resolved once at start and passed in;
// code asks for a gate by its name and never keeps a copy.

const DEFAULTS = {
  PriorityBasedScheduling: true,
  CustomizedClusterResourceModeling: true,
  GracefulEviction: true,
  Failover: false,
  WorkloadAffinity: false,
  MultiplePodTemplatesScheduling: false,
  ResourceQuotaEstimate: false,
  FederatedQuotaEnforcement: false,
  SchedulingOvercommitProtection: false,
  /** Ours: spread constraints by zone, provider and label select clusters as those by region do. */
  SpreadByAnyTopology: true,
  /** Ours: a binding refused for a missing API is tried again when a cluster gains it. */
  RescheduleOnAPI: true,
};

export type GateName = keyof typeof DEFAULTS;
export type Gates = Readonly<Record<GateName, boolean>>;

/** The defaults with the given gates changed; unknown names are ignored. */
export function gates(changes: Readonly<Record<string, boolean>> = {}): Gates {
  const result = { ...DEFAULTS };
  for (const [name, value] of Object.entries(changes)) if (isGate(name)) result[name] = value;
  return result;
}

function isGate(name: string): name is GateName {
  return Object.hasOwn(DEFAULTS, name);
}
