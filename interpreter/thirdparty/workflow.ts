// Argo Workflows.
import { isObject } from '../../kube/index.ts';
import { podDependencies } from '../native/pod-dependencies.ts';
import type { CatalogueRules } from './rules.ts';
import { items as entries, type Fields, keepSuspend, need, refer, requirementsOfSpec, templateOf, unique, withSpec } from './values.ts';

export const workflow: CatalogueRules = {
  replicas(object) {
    const spec = need(object, 'spec') as Fields;
    const { affinity, nodeSelector, tolerations, parallelism = 1 } = spec;
    if (typeof parallelism !== 'number') throw new TypeError('spec.parallelism is no number');
    return { replicas: Math.trunc(parallelism), requirements: requirementsOfSpec({ affinity, nodeSelector, tolerations }) };
  },
  revise: (object, parallelism) => withSpec(object, { parallelism }),
  retain(desired, observed) {
    const kept = keepSuspend(desired, observed);
    return observed['status'] === undefined ? kept : { ...kept, status: observed['status'] };
  },
  health({ status }) {
    const phase = isObject(status) ? status['phase'] : undefined;
    return phase !== undefined && phase !== '' && phase !== 'Error' && phase !== 'Failed';
  },
  dependencies(object) {
    const { namespace } = object.metadata;
    const spec = need(object, 'spec') as Fields;
    const { imagePullSecrets, serviceAccountName, volumes } = spec;
    const others = entries(volumes).filter(volume => !(isObject(volume) && 'secret' in volume));
    const pod = templateOf({ spec: { imagePullSecrets, serviceAccountName, volumes: others } }).spec;
    const claims = entries(spec['volumeClaimTemplates']).flatMap(claim =>
      refer('PersistentVolumeClaim', need(claim, 'metadata', 'name'), namespace),
    );
    const executor = isObject(spec['executor']) ? spec['executor']['serviceAccountName'] : undefined;
    const runner = executor === undefined ? [] : refer('ServiceAccount', executor, namespace);
    return unique([...podDependencies(pod, namespace), ...claims, ...runner]);
  },
};
