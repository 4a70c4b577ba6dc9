import {
  type Binding,
  type BindingSpec,
  type BindingStatus,
  type Cluster,
  ownPlugins,
  peersOf,
  schedulingContext,
} from '../../../../scheduler/index.ts';
import type { Suite } from '../../suite.ts';
import { referenceGates } from './cycle.ts';
import { oneOf } from './outcome.ts';

interface Input {
  readonly cluster: Cluster;
  readonly spec: BindingSpec;
  readonly status?: BindingStatus;
  readonly bindings?: readonly Binding[];
  readonly assigning?: readonly Binding[];
}

export const suite: Suite = {
  check(c) {
    const { cluster, spec, status = {}, bindings, assigning } = c.in as unknown as Input;
    const peers = bindings
      ? peersOf({ binding: { spec }, namespace: spec.resource.namespace ?? '', bindings, assigning: assigning ?? [] })
      : undefined;
    const context = schedulingContext(spec, status, peers);
    const reasons: Record<string, string[]> = {};
    for (const plugin of ownPlugins(referenceGates({ WorkloadAffinity: bindings !== undefined }))) {
      const reason = plugin.filter?.(context)(cluster);
      if (reason !== undefined) reasons[plugin.name] = [reason];
    }
    return oneOf(c, { reasons });
  },
};
