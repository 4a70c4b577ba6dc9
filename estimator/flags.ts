// The flags of an estimator server (specification §10): one row each, from which the command line is made.

export interface Flag {
  /** Without dashes. */
  readonly name: string;
  readonly default: string | number | boolean | readonly string[];
  readonly description: string;
}

export const estimatorFlags: readonly Flag[] = [
  { name: 'cluster-name', default: '', description: 'the member that is estimated; required' },
  { name: 'server-port', default: 10_352, description: 'port on which the estimator listens' },
  { name: 'grpc-auth-cert-file', default: '', description: 'certificate shown to clients; plaintext without' },
  { name: 'grpc-auth-key-file', default: '', description: 'key of the certificate' },
  { name: 'grpc-client-ca-file', default: '', description: 'authority that signs the certificates of clients' },
  { name: 'insecure-skip-grpc-client-verify', default: false, description: 'do not ask clients for a certificate' },
  { name: 'feature-gates', default: '', description: 'Name=true|false, separated by commas' },
];
