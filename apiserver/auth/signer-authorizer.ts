// Who may approve and sign for a signer: the verb on signers/<signerName>, or on all of its domain (`example.com/*`).
import type { SignerAuthorizer } from '../admission/certificate-plugins.ts';
import type { Authorizer } from './contract.ts';

export function signerAuthorizer(authorizer: Authorizer): SignerAuthorizer {
  return {
    async allowed(a, verb, signer) {
      for (const name of [signer, `${signer.split('/')[0]}/*`]) {
        const decision = await authorizer.authorize({
          user: a.user,
          verb,
          resource: { group: 'certificates.k8s.io', version: 'v1', plural: 'signers', subresource: '', namespace: '', name },
          path: '',
        });
        if (decision.allowed) return true;
      }
      return false;
    },
  };
}
