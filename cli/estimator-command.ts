// `flotilla estimator`: what still fits into one member, node by node, over gRPC.
import tls from 'node:tls';
import type { Command } from 'commander';
import {
  type EstimatorFlags,
  estimatorFlags,
  estimatorServer,
  measuredHandlers,
  memberEstimator,
  readTlsFiles,
  type ServerTls,
} from '../estimator/index.ts';
import { addFlagCommand, type Given, optionsOf } from './flags/command.ts';
import { gates } from './flags/gates.ts';
import { idleEverywhere } from './flags/idle.ts';
import { clientFlags, logFlags, servingFlags } from './flags/standing-alone.ts';
import { listenFault } from './probe-server.ts';
import { standAlone } from './standing-alone.ts';

export function addEstimator(program: Command, description: string): void {
  addFlagCommand(program, {
    name: 'estimator',
    description,
    examples: ['flotilla estimator --kubeconfig member1.config --cluster-name member1'],
    groups: [
      { title: 'Member', flags: clientFlags({ of: 'the member', qps: 20, burst: 30 }) },
      { title: 'Estimator', flags: estimatorFlags },
      { title: 'Health and metrics', flags: servingFlags({ metrics: ':8080', health: ':10351' }) },
      { title: 'Logs', flags: logFlags },
    ],
    takesGates: true,
    idle: { ...idleEverywhere, parallelism: 'nodes are counted in one thread' },
    run: estimate,
  });
}

async function estimate(given: Given): Promise<void> {
  const o = optionsOf<EstimatorFlags>(given);
  if (!o.clusterName) throw new Error('--cluster-name is needed: the name of the member as it was joined');
  const isOn = (name: string): boolean => given.gates[name] ?? gates.find(g => g.name === name)?.default ?? false;
  await standAlone({
    component: 'karmada-scheduler-estimator',
    given,
    async work({ hub, clock, log, metrics, markReady }, signal) {
      const member = memberEstimator({
        member: hub,
        clock,
        log,
        countQuotas: isOn('ResourceQuotaEstimate'),
        countAssumed: isOn('SchedulingOvercommitProtection'),
      });
      const serverTls = await tlsOf(o);
      // As the reference's server does; the library behind ours takes no such option, only the process does.
      if (serverTls) tls.DEFAULT_MIN_VERSION = 'TLSv1.3';
      const server = await estimatorServer({
        clusterName: o.clusterName,
        handlers: measuredHandlers(member.handlers, { metrics, clock }),
        address: `${o.bindAddress.includes(':') ? `[${o.bindAddress}]` : o.bindAddress}:${o.serverPort}`,
        ...(serverTls ? { tls: serverTls } : {}),
      }).catch((error: unknown) => {
        throw bindFault(error as Error, o.serverPort);
      });
      log.info({ port: server.port, cluster: o.clusterName, tls: serverTls !== undefined }, 'estimates are answered');
      void member.synced.then(markReady);
      try {
        await member.run(signal);
      } finally {
        await server.close();
      }
    },
  });
}

/** gRPC tells of a port in use in words only. */
function bindFault(error: Error, port: number): Error {
  const inUse = Object.assign(new Error(error.message, { cause: error }), { code: 'EADDRINUSE' });
  return /EADDRINUSE|No address added/.test(error.message) ? listenFault(inUse, port, 'choose another with --server-port') : error;
}

/** Plaintext where certificate or key is missing. */
async function tlsOf(o: EstimatorFlags): Promise<ServerTls | undefined> {
  if (!o.grpcAuthCertFile || !o.grpcAuthKeyFile) return undefined;
  const { ca, cert, key } = await readTlsFiles({
    ca: ['grpc-client-ca-file', o.insecureSkipGrpcClientVerify ? '' : o.grpcClientCaFile],
    cert: ['grpc-auth-cert-file', o.grpcAuthCertFile],
    key: ['grpc-auth-key-file', o.grpcAuthKeyFile],
  });
  return cert && key ? { cert, key, ...(ca ? { clientCa: ca } : {}) } : undefined;
}
