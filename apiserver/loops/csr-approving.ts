// Approves client certificates of kubelets: when the requester may create certificatesigningrequests/selfnodeclient for its own
// name, or /nodeclient for any. A cluster with nodes runs it, a control plane does not.
import { type AnyObject, controller, listOf, objectOf, type Runnable, stringOf } from '../../kube/index.ts';
import { changesOf, needed } from './collection-source.ts';
import { CSRS, conditionsOf, csrSpec, setStatus } from './csr-status.ts';
import { type LoopOptions, loopClient } from './loop-context.ts';
import { kubeletClientFault } from './signer-rules.ts';

const SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';

export function csrApprovingLoop({ core, log }: LoopOptions): Runnable {
  const requests = needed(core, CSRS.group, CSRS.plural);
  const client = loopClient(core, 'certificate-controller');
  return controller({
    name: 'csrapproving',
    sources: [changesOf(requests, { keys: csr => (waits(csr) ? [csr.metadata.name ?? ''] : []) })],
    clock: core.plane.clock,
    ...(log ? { log } : {}),
    async reconcile(name) {
      const csr = requests.collection.get('', name)?.object;
      if (!csr || !waits(csr)) return;
      const message = await approval(csr, subresource => allowed(core, csr, subresource));
      if (message === undefined) return;
      const approved = { type: 'Approved', status: 'True', reason: 'AutoApproved', message };
      await setStatus(client, csr, { conditions: [...conditionsOf(csr), approved] }, 'approval');
    },
  });
}

const waits = (csr: AnyObject): boolean =>
  csrSpec(csr)['signerName'] === SIGNER && !conditionsOf(csr).some(c => ['Approved', 'Denied'].includes(stringOf(c['type'])));

/** The message of the approval; undefined where nothing is approved. */
async function approval(csr: AnyObject, may: (subresource: string) => Promise<boolean>): Promise<string | undefined> {
  const { requestedSubject } = await import('../auth/certificate-request.ts');
  const spec = csrSpec(csr);
  const subject = await requestedSubject(stringOf(spec['request'])).catch(() => undefined);
  if (!subject || kubeletClientFault(subject, listOf(spec['usages']).map(stringOf)) !== undefined) return undefined;
  const own = spec['username'] === subject.commonName;
  if (own && (await may('selfnodeclient'))) return 'Auto approving self kubelet client certificate after SubjectAccessReview.';
  return (await may('nodeclient')) ? 'Auto approving kubelet client certificate after SubjectAccessReview.' : undefined;
}

async function allowed(core: LoopOptions['core'], csr: AnyObject, subresource: string): Promise<boolean> {
  const spec = csrSpec(csr);
  const extra = Object.entries(objectOf(spec['extra'])).map(([key, values]) => [key, listOf(values).map(stringOf)] as const);
  const decision = await core.authorizer.authorize({
    user: {
      username: stringOf(spec['username']),
      ...(spec['uid'] ? { uid: stringOf(spec['uid']) } : {}),
      groups: listOf(spec['groups']).map(stringOf),
      ...(extra.length > 0 ? { extra: Object.fromEntries(extra) } : {}),
    },
    verb: 'create',
    path: '',
    resource: { group: CSRS.group, version: '*', plural: CSRS.plural, subresource, namespace: '', name: '' },
  });
  return decision.allowed;
}
