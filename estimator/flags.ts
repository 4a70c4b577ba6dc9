// The flags of an estimator server (specification §10): one row each, from which the command line is made.
import { type Flag, flagsOf } from '../kube/index.ts';

export interface EstimatorFlags {
  readonly clusterName: string;
  readonly bindAddress: string;
  readonly serverPort: number;
  readonly grpcAuthCertFile: string;
  readonly grpcAuthKeyFile: string;
  readonly grpcClientCaFile: string;
  readonly insecureSkipGrpcClientVerify: boolean;
}

const flag = flagsOf<EstimatorFlags>();

export const estimatorFlags: readonly Flag[] = [
  flag('clusterName', 'text', '', 'the member that is estimated; required'),
  flag('bindAddress', 'text', '0.0.0.0', 'address on which the estimator listens'),
  flag('serverPort', 'number', 10_352, 'port on which the estimator listens'),
  flag('grpcAuthCertFile', 'text', '', 'certificate shown to clients; plaintext without'),
  flag('grpcAuthKeyFile', 'text', '', 'key of the certificate'),
  flag('grpcClientCaFile', 'text', '', 'authority that signs the certificates of clients'),
  flag('insecureSkipGrpcClientVerify', 'boolean', false, 'do not ask clients for a certificate'),
];
