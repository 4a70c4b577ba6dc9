// The completions of a divided Job, dealt out in proportion to replicas by the Webster method (Sainte-Laguë): one after the other to the cluster with the
// largest votes / (2 × seats + 1). Ties go to fewer seats, then by name; the direction depends on the template's uid, so no name is favoured for ever.
import type { TargetCluster } from '../../crds/index.ts';

interface Party {
  readonly name: string;
  readonly votes: number;
  seats: number;
}

/** Completions by cluster; undefined where no cluster has replicas. */
export function divideCompletions(
  total: number,
  targets: readonly TargetCluster[],
  templateUid: string,
): ReadonlyMap<string, number> | undefined {
  const parties: Party[] = targets.map(({ name, replicas = 0 }) => ({ name, votes: replicas, seats: 0 }));
  if (!parties.some(party => party.votes > 0)) return undefined;
  const direction = templateUid !== '' && fnv1a(templateUid) % 2 === 1 ? -1 : 1;
  const before = (a: Party, b: Party): boolean => {
    const quotients = a.votes * (2 * b.seats + 1) - b.votes * (2 * a.seats + 1);
    if (quotients !== 0) return quotients > 0;
    if (a.seats !== b.seats) return a.seats < b.seats;
    return (a.name < b.name ? -1 : 1) * direction < 0;
  };
  const givenAtOnce = seatWholeRounds(parties, total);
  for (let seat = givenAtOnce; seat < total; seat++) {
    const winner = parties.reduce((best, party) => (before(party, best) ? party : best));
    winner.seats++;
  }
  return new Map(parties.map(({ name, seats }) => [name, seats]));
}

/** Deals out what is certain, so that a huge total takes no longer than a small one: each lower quota less a margin. */
function seatWholeRounds(parties: readonly Party[], total: number): number {
  const votes = parties.reduce((sum, party) => sum + party.votes, 0);
  let given = 0;
  for (const party of parties) {
    party.seats = Math.max(0, Math.floor((total * party.votes) / votes) - parties.length);
    given += party.seats;
  }
  return given;
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
