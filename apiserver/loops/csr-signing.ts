// Issues certificates for approved requests of the signers that a cluster's CA answers: kube-apiserver-client, the two of
// kubelets, and legacy-unknown. A request that breaks its signer's rules gets the condition Failed.
import {
  type AnyObject,
  at,
  type Clock,
  controller,
  isStatusError,
  listOf,
  type Runnable,
  stringOf,
  TerminalError,
} from '../../kube/index.ts';
import type { KeyPair } from '../auth/pki.ts';
import { changesOf, needed } from './collection-source.ts';
import { CSRS, conditionsOf, csrSpec, hasCondition, setStatus } from './csr-status.ts';
import { type LoopOptions, loopClient } from './loop-context.ts';
import { signerFault } from './signer-rules.ts';

const YEAR_SECONDS = 365 * 24 * 3600;
const MIN_SECONDS = 600;
const SIGNERS = [
  'kubernetes.io/kube-apiserver-client',
  'kubernetes.io/kube-apiserver-client-kubelet',
  'kubernetes.io/kubelet-serving',
  'kubernetes.io/legacy-unknown',
];

export interface CsrSigningOptions extends LoopOptions {
  readonly signer: KeyPair;
}

export function csrSigningLoop(o: CsrSigningOptions): Runnable {
  const { core } = o;
  const requests = needed(core, CSRS.group, CSRS.plural);
  const client = loopClient(core, 'certificate-controller');
  return controller({
    name: 'csrsigning',
    sources: [changesOf(requests, { keys: csr => (waits(csr) ? [csr.metadata.name ?? ''] : []) })],
    clock: core.plane.clock,
    ...(o.log ? { log: o.log } : {}),
    async reconcile(name) {
      const csr = requests.collection.get('', name)?.object;
      if (!csr || !waits(csr)) return;
      try {
        await setStatus(client, csr, await outcome(csr, o.signer, core.plane.clock));
      } catch (error) {
        if (!isStatusError(error, 'NotFound')) throw error;
      }
    },
  });
}

/** Approved, of one of our signers, and neither issued nor failed. */
function waits(csr: AnyObject): boolean {
  if (!SIGNERS.includes(stringOf(csrSpec(csr)['signerName'])) || csr.metadata.deletionTimestamp) return false;
  if (!hasCondition(csr, 'Approved') || hasCondition(csr, 'Denied') || hasCondition(csr, 'Failed')) return false;
  return stringOf(at(csr, 'status', 'certificate')) === '';
}

/** The status that says what became of the request. */
async function outcome(csr: AnyObject, ca: KeyPair, clock: Clock): Promise<Record<string, unknown>> {
  // Reading certificates is heavy, and few planes are ever asked for one.
  const { requestedSubject, signRequest } = await import('../auth/certificate-request.ts');
  const spec = csrSpec(csr);
  const request = stringOf(spec['request']);
  const usages = listOf(spec['usages']).map(stringOf);
  const subject = await requestedSubject(request).catch((cause: unknown) => {
    throw new TerminalError(`the certificate request ${csr.metadata.name} cannot be read`, { cause });
  });
  const fault = signerFault(stringOf(spec['signerName']), subject, usages);
  if (fault) {
    const failed = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message: fault };
    return { conditions: [...conditionsOf(csr), failed] };
  }
  const certificate = await signRequest({ ca, request, usages, lifeMs: seconds(spec['expirationSeconds']) * 1000, clock });
  return { certificate: Buffer.from(certificate).toString('base64') };
}

/** What was asked for, between ten minutes and a year. */
const seconds = (asked: unknown): number =>
  typeof asked === 'number' ? Math.min(Math.max(asked, MIN_SECONDS), YEAR_SECONDS) : YEAR_SECONDS;
