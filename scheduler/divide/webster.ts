// Webster's method (Sainte-Laguë): seats go one by one to the party with the largest votes/(2·seats+1).
// The outcome is a set of (party, seat) pairs, the N first in a total order, so it does not depend on where counting
// starts: each party may begin at a proven lower bound of its seats instead of at none.
import { Heap } from '../heap.ts';
import type { Target } from './targets.ts';

export interface Party {
  readonly name: string;
  readonly votes: number;
  readonly seats: number;
}

export interface WebsterInput {
  readonly seats: number;
  /** Party → votes; weights beyond 2^53 are read as the nearest double. */
  readonly votes: ReadonlyMap<string, number>;
  /** Seats held before counting. */
  readonly initial?: ReadonlyMap<string, number>;
  /** Breaks ties between parties: names descend where its hash is odd. */
  readonly uid?: string;
}

/** FNV-1a, 32 bits, of the UTF-8 bytes. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

interface Running {
  readonly name: string;
  readonly votes: number;
  seats: number;
  /** votes/(2·seats+1) */
  claim: number;
}

/** All parties with their seats, sorted by name. */
export function webster(input: WebsterInput): Party[] {
  return seated(input)
    .sort(byName)
    .map(({ name, votes, seats }) => ({ name, votes, seats }));
}

const byName = (a: Party, b: Party): number => (a.name < b.name ? -1 : 1);

/** All parties with their seats, in the order of the votes. */
function seated(input: WebsterInput): Running[] {
  const parties = startingSeats(input).map(running);
  const descending = input.uid !== undefined && input.uid !== '' && fnv1a32(input.uid) % 2 === 1;
  const before = descending ? (a: string, b: string) => a > b : (a: string, b: string) => a < b;
  const given = parties.reduce((sum, p) => sum + p.seats, 0) - initialSeats(input);
  const waiting = new Heap<Running>((a, b) => precedes(a, b, before));
  for (const p of parties) waiting.push(p);
  for (let left = input.seats - given; left > 0; left--) {
    const best = waiting.pop();
    if (!best) break;
    best.seats++;
    best.claim = claimOf(best);
    waiting.push(best);
  }
  return parties;
}

const claimOf = ({ votes, seats }: Party): number => votes / (2 * seats + 1);
const running = (p: Party): Running => ({ name: p.name, votes: p.votes, seats: p.seats, claim: claimOf(p) });

function initialSeats(input: WebsterInput): number {
  let sum = 0;
  for (const seats of input.initial?.values() ?? []) sum += seats;
  return sum;
}

function precedes(a: Running, b: Running, before: (a: string, b: string) => boolean): boolean {
  if (a.claim !== b.claim) return a.claim > b.claim;
  return a.seats !== b.seats ? a.seats < b.seats : before(a.name, b.name);
}

/**
 * Parties without votes, or with fewer than none, get nothing as long as there is one with some: they do not count here.
 * With s = round(votes/d) for some divisor d and Σs = N, d differs from total/N so little that
 * votes·(N − parties/2)/total − 1/2 never exceeds s; one more is taken off for rounding.
 */
function startingSeats(input: WebsterInput): Party[] {
  const { votes, initial, seats } = input;
  if (initial?.size) {
    const names = new Set([...votes.keys(), ...initial.keys()]);
    return [...names].map(name => ({ name, votes: votes.get(name) ?? 0, seats: initial.get(name) ?? 0 }));
  }
  const positive = [...votes.values()].filter(v => v > 0);
  const sum = positive.reduce((a, v) => a + v, 0);
  const share = sum > 0 && Number.isFinite(sum) ? (seats - positive.length / 2) / sum : 0;
  return [...votes].map(([name, v]) => ({ name, votes: v, seats: v > 0 ? Math.max(0, Math.floor(v * share - 0.5) - 1) : 0 }));
}

/**
 * Replicas by weight, sorted by name; nothing where all weigh nothing. Of many clusters only some get a replica: those that
 * get none are left out, unless they have a place in the order because they hold some (`held`).
 */
export function replicasByWeight(
  replicas: number,
  weights: ReadonlyMap<string, number>,
  o: { readonly uid: string | undefined; readonly held?: readonly Target[] },
): Target[] {
  let sum = 0;
  for (const weight of weights.values()) sum += weight;
  if (sum === 0) return [];
  const held = new Set(o.held?.map(t => t.name));
  const parties = seated({ seats: replicas, votes: weights, ...(o.uid === undefined ? {} : { uid: o.uid }) });
  const getting = parties.filter(p => p.seats > 0 || held.has(p.name));
  return getting.sort(byName).map(p => ({ name: p.name, replicas: p.seats }));
}
