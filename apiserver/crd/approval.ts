// Groups of the Kubernetes community need an approval annotation on their CRDs.
import { objectOf } from '../../kube/index.ts';

export interface Approval {
  readonly state: 'approved' | 'bypassed' | 'missing' | 'invalid';
  readonly message: string;
  readonly annotation: string;
}

const ANNOTATION = 'api-approved.kubernetes.io';
const SEE = 'see https://github.com/kubernetes/enhancements/pull/1111';

/** Whether a group belongs to the community. */
export function isProtectedGroup(group: string): boolean {
  return ['k8s.io', 'kubernetes.io'].some(domain => group === domain || group.endsWith(`.${domain}`));
}

/** What a CRD's approval annotation says. */
export function approvalOf(crd: Readonly<Record<string, unknown>>): Approval {
  const annotations = objectOf(objectOf(crd['metadata'])['annotations']);
  const value = Object.hasOwn(annotations, ANNOTATION) ? annotations[ANNOTATION] : undefined;
  const annotation = typeof value === 'string' ? value : '';
  if (annotation === '')
    return { state: 'missing', message: `protected groups must have approval annotation "${ANNOTATION}", ${SEE}`, annotation };
  if (annotation.startsWith('unapproved')) return { state: 'bypassed', message: `not approved: ${JSON.stringify(annotation)}`, annotation };
  if (/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/?#\s]+/.test(annotation))
    return { state: 'approved', message: `approved in ${annotation}`, annotation };
  const how = 'with either a URL or a reason starting with "unapproved"';
  return { state: 'invalid', message: `protected groups must have approval annotation "${ANNOTATION}" ${how}, ${SEE}`, annotation };
}
