import type { NativeRules } from './rules.ts';

/** v1 Secret: the member's own token of a service account stays. */
export const secret: NativeRules = {
  retain(desired, observed) {
    const data = observed['data'];
    if (desired['type'] !== 'kubernetes.io/service-account-token' || data === undefined) return desired;
    return { ...desired, data };
  },
};
