// ControllerRevisions: the templates that a DaemonSet or StatefulSet has had, numbered, the present one last.
import { at, isStatusError, type KubeObject, type LabelSelector } from '../../kube/index.ts';
import type { MemberContext } from '../context.ts';
import { type ControllerRevision, type PodTemplateSpec, REVISIONS } from '../kinds.ts';
import { claim, ownedBy } from '../owners.ts';
import { deleteObject } from '../writing.ts';
import { templateHash } from './template.ts';

/** On pods: the revision they were made of (its hash for a DaemonSet, its name for a StatefulSet). */
export const REVISION_LABEL = 'controller-revision-hash';
/** On revisions: their hash. */
const HASH_LABEL: Readonly<Record<string, string>> = { StatefulSet: 'controller.kubernetes.io/hash' };

type Owner = KubeObject & {
  readonly spec: { readonly selector: LabelSelector; readonly template: PodTemplateSpec; readonly revisionHistoryLimit?: number };
};

export interface Revisions {
  /** Name and label value of the present template. */
  readonly current: { readonly name: string; readonly hash: string };
  /** All of them from the oldest. */
  readonly all: readonly ControllerRevision[];
}

/** The template that a revision keeps. */
export function templateOf(r: ControllerRevision): PodTemplateSpec | undefined {
  return at(r.data, 'spec', 'template') as PodTemplateSpec | undefined;
}

/** Makes the revision of the present template, or moves the one that has it to the end. */
export async function syncRevisions(c: MemberContext, owner: Owner): Promise<Revisions> {
  const hash = templateHash(owner.spec.template);
  const name = `${owner.metadata.name}-${hash}`;
  const known = (await claim(c, REVISIONS, owner)).sort((a, b) => a.revision - b.revision);
  const present = known.find(r => r.metadata.name === name);
  const highest = known.at(-1)?.revision ?? 0;
  const current = { name, hash };
  if (present && present.revision === highest) return { current, all: known };
  const moved = present
    ? await c.client.update(REVISIONS, { ...present, revision: highest + 1 })
    : await create(c, owner, { name, hash, revision: highest + 1 });
  return { current, all: [...known.filter(r => r !== present), moved] };
}

function create(
  c: MemberContext,
  owner: Owner,
  o: { readonly name: string; readonly hash: string; readonly revision: number },
): Promise<ControllerRevision> {
  return c.client.create(REVISIONS, {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: o.name,
      namespace: owner.metadata.namespace ?? '',
      labels: { ...owner.spec.template.metadata?.labels, [HASH_LABEL[owner.kind] ?? REVISION_LABEL]: o.hash },
      annotations: owner.metadata.annotations ?? {},
      ownerReferences: [ownedBy(owner)],
    },
    data: { spec: { template: { ...owner.spec.template, $patch: 'replace' } } },
    revision: o.revision,
  });
}

/** Deletes revisions that no pod has (`used`: their names), beyond what the owner remembers. */
export async function trimRevisions(c: MemberContext, owner: Owner, r: Revisions, used: ReadonlySet<string>): Promise<void> {
  const idle = r.all.filter(x => x.metadata.name !== r.current.name && !used.has(x.metadata.name ?? ''));
  const surplus = idle.slice(0, Math.max(0, idle.length - (owner.spec.revisionHistoryLimit ?? 10)));
  for (const revision of surplus) {
    try {
      await deleteObject(c.client, REVISIONS, revision);
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
    }
  }
}
