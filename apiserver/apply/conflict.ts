// The refusal of an apply that would take fields from others, in the reference's words.
import { StatusError, shownPath } from '../../kube/index.ts';
import { type Manager, sortKeyOf } from './managed.ts';
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
        message: `conflict with ${shownManager(c.owner)}`,
        field: shownPath(c.path),
      })),
    },
  });
}

function messageOf(conflicts: readonly Conflict[]): string {
  const [first] = conflicts;
  if (conflicts.length === 1 && first)
    return `Apply failed with 1 conflict: conflict with ${shownManager(first.owner)}: ${shownPath(first.path)}`;
  const lines: string[] = [];
  const owners = [...new Set(conflicts.map(c => c.owner))].sort((a, b) => (sortKeyOf(a) < sortKeyOf(b) ? -1 : 1));
  for (const owner of owners) {
    lines.push(`conflicts with ${shownManager(owner)}:`);
    for (const c of conflicts) if (c.owner === owner) lines.push(`- ${shownPath(c.path)}`);
  }
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

/** `"a"`, `"a" with subresource "status"`, `"a" using apps/v1`. */
function shownManager({ manager, operation, apiVersion, subresource }: Manager): string {
  const where = subresource ? ` with subresource ${JSON.stringify(subresource)}` : '';
  return `${JSON.stringify(manager)}${where}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}
