// The refusal of an apply that would take fields from others, in the reference's words.
import { StatusError, shownPath } from '../../kube/index.ts';
import type { Conflict } from './owners.ts';

/** 409 with a cause for each field. */
export function applyConflict(conflicts: readonly Conflict[]): StatusError {
  return new StatusError({
    code: 409,
    reason: 'Conflict',
    message: messageOf(conflicts),
    details: {
      causes: conflicts.map(c => ({
        reason: 'FieldManagerConflict',
        message: `conflict with ${shownManager(c.manager)}`,
        field: shownPath(c.path),
      })),
    },
  });
}

function messageOf(conflicts: readonly Conflict[]): string {
  const [first] = conflicts;
  if (conflicts.length === 1 && first)
    return `Apply failed with 1 conflict: conflict with ${shownManager(first.manager)}: ${shownPath(first.path)}`;
  const lines: string[] = [];
  for (const manager of [...new Set(conflicts.map(c => c.manager))].sort()) {
    lines.push(`conflicts with ${shownManager(manager)}:`);
    for (const c of conflicts) if (c.manager === manager) lines.push(`- ${shownPath(c.path)}`);
  }
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

/** `"a"`, `"a" with subresource "status"`, `"a" using apps/v1` from an identity. */
function shownManager(identity: string): string {
  const { manager = '', operation, apiVersion, subresource } = JSON.parse(identity) as Partial<Record<string, string>>;
  const where = subresource ? ` with subresource ${JSON.stringify(subresource)}` : '';
  return `${JSON.stringify(manager)}${where}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}
