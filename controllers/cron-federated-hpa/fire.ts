// What a rule does when its time has come: it sets the bounds of a FederatedHPA, or the replicas of anything with a scale.
import { type CronFederatedHPA, type CronFederatedHPARule, federatedHPAs } from '../../crds/index.ts';
import { type AnyObject, at, type Client, objectOf, type Resource } from '../../kube/index.ts';
import type { Execution } from './history.ts';

export interface FireOptions {
  readonly hub: Client;
  readonly resourceFor: (apiVersion: string, kind: string) => Promise<Resource>;
}

/** What was asked for; rejects where it could not be done. */
export async function fire(
  cron: CronFederatedHPA,
  rule: CronFederatedHPARule,
  o: FireOptions,
  signal: AbortSignal,
): Promise<Execution['applied']> {
  const { apiVersion = '', kind, name } = cron.spec.scaleTargetRef;
  const key = { namespace: cron.metadata.namespace ?? '', name };
  if (kind === 'FederatedHPA' && apiVersion === 'autoscaling.karmada.io/v1alpha1') {
    const { targetMaxReplicas: maxReplicas, targetMinReplicas: minReplicas } = rule;
    const bounds = { ...(maxReplicas === undefined ? {} : { maxReplicas }), ...(minReplicas === undefined ? {} : { minReplicas }) };
    await o.hub.patch(federatedHPAs, key, { type: 'merge', body: { spec: bounds } }, { signal });
    return bounds;
  }
  const replicas = rule.targetReplicas;
  if (replicas === undefined) throw new Error(`rule ${rule.name} has no targetReplicas`);
  const resource = await o.resourceFor(apiVersion, kind);
  const scale: AnyObject = await o.hub.get(resource, key, { subresource: 'scale', signal });
  if (at(scale, 'spec', 'replicas') !== replicas)
    await o.hub.update(resource, { ...scale, spec: { ...objectOf(scale['spec']), replicas } }, { subresource: 'scale', signal });
  return { replicas };
}
