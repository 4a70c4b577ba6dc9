// Whether a pull cluster is still heard of (specification §6.2): its agent renews a lease and posts conditions; when neither happens for a while, nobody
// knows how the cluster is, and the condition says so.
import { type Cluster, conditionReasons, conditionTypes } from '../../crds/index.ts';
import type { AnyObject } from '../../kube/index.ts';
import { at, stringOf } from '../../kube/index.ts';
import { conditionOf } from '../condition.ts';

export interface MonitorPeriods {
  readonly graceMs: number;
  readonly startupGraceMs: number;
}

interface Heard {
  readonly at: number;
  readonly ready: string;
  readonly renewed: string;
}

export class ClusterMonitor {
  readonly #periods: MonitorPeriods;
  readonly #heard = new Map<string, Heard>();

  constructor(periods: MonitorPeriods) {
    this.#periods = periods;
  }

  /** The Ready condition to publish; undefined while the cluster is heard of. */
  silence(cluster: Cluster, lease: AnyObject | undefined, nowMs: number) {
    const name = cluster.metadata.name ?? '';
    const condition = conditionOf(cluster.status?.conditions, conditionTypes.clusterReady);
    const ready = condition ? `${condition.status} ${condition.lastTransitionTime} ${condition.reason}` : '';
    const renewed = stringOf(at(lease, 'spec', 'renewTime'));
    const known = this.#heard.get(name);
    if (!known || known.ready !== ready || known.renewed !== renewed) {
      this.#heard.set(name, { at: nowMs, ready, renewed });
      return undefined;
    }
    if (nowMs - known.at <= (condition ? this.#periods.graceMs : this.#periods.startupGraceMs)) return undefined;
    if (condition?.status === 'Unknown') return undefined;
    return condition
      ? unknown(conditionReasons.clusterStatusUnknown, 'Cluster status controller stopped posting cluster status.')
      : unknown(conditionReasons.clusterStatusNeverUpdated, 'Cluster status controller never posted cluster status.');
  }

  forget(name: string): void {
    this.#heard.delete(name);
  }
}

const unknown = (reason: string, message: string) => ({ type: conditionTypes.clusterReady, status: 'Unknown', reason, message }) as const;
