// Which APIs, namespaces and objects are never templates (specification §1.1).
import { isReservedNamespace } from '../../crds/index.ts';
import type { KubeObject, Resource } from '../../kube/index.ts';

const OWN_GROUPS = new Set([
  'cluster.karmada.io',
  'policy.karmada.io',
  'work.karmada.io',
  'config.karmada.io',
  'networking.karmada.io',
  'autoscaling.karmada.io',
  'remedy.karmada.io',
  'apps.karmada.io',
  'events.k8s.io',
]);

export interface SkipOptions {
  /** `;`-separated: `<group>`, `<group>/<version>`, `v1/<Kind>,<Kind>`, `<group>/<version>/<Kind>,<Kind>`. */
  readonly apis: string;
  /** Regular expressions that must match a whole namespace name. */
  readonly namespaces: readonly string[];
}

export interface Skip {
  resource(resource: Resource): boolean;
  namespace(name: string): boolean;
  object(object: KubeObject): boolean;
}

export function skipRules({ apis, namespaces }: SkipOptions): Skip {
  const configured = apis
    .split(';')
    .map(item => item.trim())
    .filter(item => item !== '')
    .map(apiRule);
  const patterns = namespaces.map(pattern => new RegExp(`^(?:${pattern})$`));
  const namespace = (name: string): boolean => patterns.some(pattern => pattern.test(name));
  return {
    resource: r =>
      OWN_GROUPS.has(r.group) ||
      (r.group === 'coordination.k8s.io' && r.version === 'v1') ||
      (r.group === '' && r.kind === 'Event') ||
      configured.some(rule => rule(r)),
    namespace,
    object: ({ kind, metadata }) => {
      const { namespace: ns = '', name } = metadata;
      if (ns !== '' && (isReservedNamespace(ns) || namespace(ns))) return true;
      return kind === 'ConfigMap' && ns === 'kube-system' && name === 'extension-apiserver-authentication';
    },
  };
}

function apiRule(item: string): (r: Resource) => boolean {
  const parts = item.split('/');
  const core = parts[0] === 'v1';
  const [group = '', version, kinds] = core ? ['', 'v1', parts[1]] : parts;
  const wanted = kinds?.split(',').map(kind => kind.trim());
  return r => r.group === group && (version === undefined || r.version === version) && (!wanted || wanted.includes(r.kind));
}
