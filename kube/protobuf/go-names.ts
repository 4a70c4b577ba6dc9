// Faults name fields as the Go types do; clients only print them.
import type { FieldType } from '../types.ts';

const WHOLE = new Map([['metadata', 'ObjectMeta']]);
const HEADS = /^(uid|url|api|ca|ip|cidr|tls|http|https|tcp|grpc|id|fs|csi|nfs|iscsi|rbd|gce|aws)(?=[A-Z]|$)/;

/** `resourceVersion` → `ResourceVersion`, `uid` → `UID`, an inline message → its type. */
export function goFieldName(field: FieldType): string {
  if (field.inline && field.message) return field.message.slice(field.message.lastIndexOf('.') + 1);
  const whole = WHOLE.get(field.name);
  if (whole) return field.message?.endsWith('.ListMeta') ? 'ListMeta' : whole;
  const head = HEADS.exec(field.name)?.[0];
  if (head) return head.toUpperCase() + field.name.slice(head.length);
  return field.name.charAt(0).toUpperCase() + field.name.slice(1);
}
