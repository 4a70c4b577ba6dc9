// Flags of the programs that have an API server of ours in them.
import { type Flag, flagsOf } from '../../kube/index.ts';

/** Where an API server of ours keeps its things and listens. */
export interface HomeFlags {
  readonly home: string;
  readonly bind: string;
  readonly port: number;
}

export const homeFlags: readonly Flag[] = [
  flagsOf<HomeFlags>()('home', 'text', '', 'where data, keys and kubeconfigs are kept (default: ~/.flotilla)'),
  flagsOf<HomeFlags>()('bind', 'text', '127.0.0.1', 'address to listen on'),
  flagsOf<HomeFlags>()('port', 'number', 5443, 'port to listen on; 0 takes a free one'),
];

export interface AdmissionFlags {
  readonly allowNoExecuteTaintPolicy: boolean;
  readonly disableAdmissionPlugins: readonly string[];
}

export const taintPolicyFlag: Flag = flagsOf<AdmissionFlags>()(
  'allowNoExecuteTaintPolicy',
  'boolean',
  false,
  'let ClusterTaintPolicies set NoExecute taints',
);
export const admissionFlags: readonly Flag[] = [
  taintPolicyFlag,
  flagsOf<AdmissionFlags>()(
    'disableAdmissionPlugins',
    'list',
    [],
    'admission plugins that do not run; KarmadaAdmission holds the rules that flotilla webhook serves',
  ),
];
