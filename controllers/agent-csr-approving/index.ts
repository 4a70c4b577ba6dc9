// Wiring of the controller that approves the certificate requests of agents, if whoever asks may ask (specification §8.13).
import {
  type AnyObject,
  at,
  controller,
  fromInformer,
  isObject,
  keyOf,
  listOf,
  objectOf,
  type Runnable,
  resource,
  stringOf,
  timestamp,
} from '../../kube/index.ts';
import { byKey } from '../bindings.ts';
import type { ControllerContext } from '../context.ts';
import { updateFresh } from '../writing.ts';
import { agentRequest } from './recognize.ts';

const requests = resource({
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  scope: 'Cluster',
});
const reviews = resource({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  scope: 'Cluster',
});

export function agentCsrApprovingController(context: ControllerContext): Runnable {
  const { clock, log, informers } = context;
  const copy = informers.of(requests);
  return controller({
    ...context.runtime,
    name: 'agent-csr-approving-controller',
    sources: [fromInformer(copy, { when: ({ type, object }) => type !== 'deleted' && !isDecided(object) })],
    async reconcile(key, signal) {
      const csr = byKey(copy, key);
      if (csr && !isDecided(csr)) await decide(context, csr, signal);
    },
    clock,
    log,
  });
}

const isDecided = (csr: AnyObject): boolean =>
  stringOf(at(csr, 'status', 'certificate')) !== '' ||
  listOf(at(csr, 'status', 'conditions')).some(condition => ['Approved', 'Denied'].includes(stringOf(at(condition, 'type'))));

async function decide(context: ControllerContext, csr: AnyObject, signal: AbortSignal): Promise<void> {
  const request = agentRequest(csr);
  if (!request) return;
  const own = stringOf(at(csr, 'spec', 'username')) === request.commonName;
  if (!(await mayAsk(context, csr, own ? 'selfclusteragent' : 'clusteragent', signal))) return;
  const now = timestamp(context.clock.now());
  const approval = {
    type: 'Approved',
    status: 'True',
    reason: 'AutoApproved',
    message: `Auto approving ${own ? 'self ' : ''}karmada agent certificate after SubjectAccessReview.`,
    lastUpdateTime: now,
    lastTransitionTime: now,
  };
  const change = (present: AnyObject): AnyObject => {
    if (isDecided(present)) return present;
    const conditions = [...listOf(at(present, 'status', 'conditions')).filter(isObject), approval];
    return { ...present, status: { ...objectOf(present['status']), conditions } };
  };
  const target = { client: context.hub, clock: context.clock, resource: requests };
  await updateFresh(target, keyOf(csr), { cached: csr, change, subresource: 'approval' }, signal);
}

async function mayAsk({ hub }: ControllerContext, csr: AnyObject, subresource: string, signal: AbortSignal): Promise<boolean> {
  const { username, uid, groups, extra } = objectOf(csr['spec']);
  const review: AnyObject = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    metadata: {},
    spec: {
      user: username,
      ...(uid === undefined ? {} : { uid }),
      ...(groups === undefined ? {} : { groups }),
      ...(extra === undefined ? {} : { extra }),
      resourceAttributes: { group: requests.group, resource: requests.plural, verb: 'create', version: '*', subresource },
    },
  };
  const answer = await hub.create(reviews, review, { signal });
  return at(answer, 'status', 'allowed') === true;
}
