// What the CRD of each kind says beside its schema: short names, categories, columns, subresources, versions.
// The names of a cluster twin differ; everything else is given once for both.
import type { z } from 'zod';
import type { KubeObject, Resource } from '../kube/index.ts';
import { cluster } from './cluster.ts';
import { clusterTaintPolicy } from './cluster-taint-policy.ts';
import { cronFederatedHPA } from './cron-federated-hpa.ts';
import { federatedHPA } from './federated-hpa.ts';
import { federatedResourceQuota } from './federated-resource-quota.ts';
import { multiClusterIngress } from './multi-cluster-ingress.ts';
import { multiClusterService } from './multi-cluster-service.ts';
import { overridePolicy } from './override-policy.ts';
import { propagationPolicy } from './propagation-policy.ts';
import { remedy } from './remedy.ts';
import { resourceBinding } from './resource-binding.ts';
import { resourceBindingV1alpha1 } from './resource-binding-v1alpha1.ts';
import { resourceInterpreterCustomization } from './resource-interpreter-customization.ts';
import { resourceInterpreterWebhookConfiguration } from './resource-interpreter-webhook-configuration.ts';
import { resourceRegistry } from './resource-registry.ts';
import * as r from './resources.ts';
import { serviceExport } from './service-export.ts';
import { serviceImport } from './service-import.ts';
import { work } from './work.ts';
import { workloadRebalancer } from './workload-rebalancer.ts';

export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly jsonPath: string;
}

export interface Version {
  readonly name: string;
  readonly schema: z.ZodType;
  readonly storage: boolean;
  readonly status: boolean;
  readonly columns: readonly PrinterColumn[];
}

export interface Definition {
  readonly resource: Resource;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly versions: readonly Version[];
}

interface Traits {
  readonly short?: string;
  /** Listed by `kubectl get karmada-io`. */
  readonly category?: boolean;
  readonly status?: boolean;
  readonly columns?: readonly PrinterColumn[];
  readonly older?: readonly Version[];
}

const text = (name: string, jsonPath: string): PrinterColumn => ({ name, type: 'string', jsonPath });
const integer = (name: string, jsonPath: string): PrinterColumn => ({ name, type: 'integer', jsonPath });
const age = (name = 'AGE'): PrinterColumn => ({ name, type: 'date', jsonPath: '.metadata.creationTimestamp' });
const conditionColumn = (name: string, type: string): PrinterColumn => text(name, `.status.conditions[?(@.type=="${type}")].status`);
const scaleTarget = [text('REFERENCE-KIND', '.spec.scaleTargetRef.kind'), text('REFERENCE-NAME', '.spec.scaleTargetRef.name')];

function define<T extends KubeObject>(resource: Resource<T>, schema: z.ZodType, traits: Traits = {}): Definition {
  const { short, category = true, status = false, columns = [], older = [] } = traits;
  return {
    resource: resource as unknown as Resource,
    shortNames: short ? [short] : [],
    categories: category ? ['karmada-io'] : [],
    versions: [...older, { name: resource.version, schema, storage: true, status, columns }],
  };
}

const propagation: Traits = {
  columns: [text('CONFLICT-RESOLUTION', '.spec.conflictResolution'), text('PRIORITY', '.spec.priority'), age()],
};
const binding: Traits = {
  status: true,
  columns: [conditionColumn('SCHEDULED', 'Scheduled'), conditionColumn('FULLYAPPLIED', 'FullyApplied'), age()],
  older: [{ name: 'v1alpha1', schema: resourceBindingV1alpha1, storage: false, status: true, columns: [] }],
};

/** Every kind that is served from a CustomResourceDefinition. */
export const definitions: readonly Definition[] = [
  define(r.workloadRebalancers, workloadRebalancer, { category: false, status: true }),
  define(r.cronFederatedHPAs, cronFederatedHPA, { short: 'cronfhpa', status: true, columns: [...scaleTarget, age()] }),
  define(r.federatedHPAs, federatedHPA, {
    short: 'fhpa',
    status: true,
    columns: [
      ...scaleTarget,
      integer('MINPODS', '.spec.minReplicas'),
      integer('MAXPODS', '.spec.maxReplicas'),
      integer('REPLICAS', '.status.currentReplicas'),
      age(),
    ],
  }),
  define(r.resourceInterpreterCustomizations, resourceInterpreterCustomization, {
    short: 'ric',
    columns: [text('TARGET-API-VERSION', '.spec.target.apiVersion'), text('TARGET-KIND', '.spec.target.kind'), age()],
  }),
  define(r.resourceInterpreterWebhookConfigurations, resourceInterpreterWebhookConfiguration),
  define(r.serviceExports, serviceExport, { short: 'svcex', category: false, status: true, columns: [age('Age')] }),
  define(r.serviceImports, serviceImport, {
    short: 'svcim',
    category: false,
    status: true,
    columns: [text('Type', '.spec.type'), text('IP', '.spec.ips'), age('Age')],
  }),
  define(r.multiClusterIngresses, multiClusterIngress, { short: 'mci', status: true }),
  define(r.multiClusterServices, multiClusterService, { short: 'mcs', status: true }),
  define(r.clusterOverridePolicies, overridePolicy, { short: 'cop' }),
  define(r.clusterPropagationPolicies, propagationPolicy, { ...propagation, short: 'cpp' }),
  define(r.clusterTaintPolicies, clusterTaintPolicy, { category: false }),
  define(r.federatedResourceQuotas, federatedResourceQuota, {
    status: true,
    columns: [text('OVERALL', '.status.overall'), text('OVERALL_USED', '.status.overallUsed')],
  }),
  define(r.overridePolicies, overridePolicy, { short: 'op' }),
  define(r.propagationPolicies, propagationPolicy, { ...propagation, short: 'pp' }),
  define(r.remedies, remedy),
  define(r.clusterResourceBindings, resourceBinding, { ...binding, short: 'crb' }),
  define(r.resourceBindings, resourceBinding, { ...binding, short: 'rb' }),
  define(r.works, work, {
    short: 'wk',
    status: true,
    columns: [text('WORKLOAD-KIND', '.spec.workload.manifests[*].kind'), conditionColumn('APPLIED', 'Applied'), age()],
  }),
];

/** Kinds served by code of their own, described in the same form. */
export const builtInDefinitions: readonly Definition[] = [
  define(r.clusters, cluster, { category: false, status: true }),
  define(r.resourceRegistries, resourceRegistry, { category: false, status: true }),
];
