// Objects that must not be deleted while a label says so.
import { DELETION_PROTECTED_ALWAYS, labels } from '../crds/index.ts';
import { allowed, deny, type Validate } from './admission.ts';

export const validateDeletionProtection: Validate = ({ operation, oldObject }) => {
  if (operation !== 'DELETE' || oldObject?.metadata.labels?.[labels.deletionProtected] !== DELETION_PROTECTED_ALWAYS) return allowed;
  return deny(`This resource is protected, please make sure to remove the label: ${labels.deletionProtected}`);
};
