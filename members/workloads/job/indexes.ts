// Completion indexes of an Indexed Job as text: `0-2,4`.

const ANNOTATION = 'batch.kubernetes.io/job-completion-index';

/** The numbers of a text; what is no number or range is left out. */
export function parseIndexes(text: string | undefined): Set<number> {
  const found = new Set<number>();
  for (const part of (text ?? '').split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    if (!match) continue;
    const first = Number(match[1]);
    for (let i = first; i <= Number(match[2] ?? first); i++) found.add(i);
  }
  return found;
}

export function formatIndexes(indexes: ReadonlySet<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let i = 0; i < sorted.length; ) {
    let end = i;
    while (sorted[end + 1] === (sorted[end] ?? 0) + 1) end++;
    parts.push(end - i > 1 ? `${sorted[i]}-${sorted[end]}` : sorted.slice(i, end + 1).join(','));
    i = end + 1;
  }
  return parts.join(',');
}

/** The index of a pod of an Indexed Job. */
export function indexOf(pod: { readonly metadata: { readonly annotations?: Readonly<Record<string, string>> } }): number | undefined {
  const text = pod.metadata.annotations?.[ANNOTATION];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** How a pod carries its index. */
export const indexMark = (index: number): Record<string, string> => ({ [ANNOTATION]: String(index) });
