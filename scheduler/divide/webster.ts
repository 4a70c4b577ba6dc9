// Webster's method (Sainte-Laguë): seats go one by one to the party with the largest votes/(2·seats+1).
// The outcome is a set of (party, seat) pairs, the N first in a total order, so it does not depend on where counting
// starts: each party may begin at a proven lower bound of its seats instead of at none.
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
}

/** All parties with their seats, sorted by name. */
export function webster(input: WebsterInput): Party[] {
  const parties = startingSeats(input);
  const descending = input.uid !== undefined && input.uid !== '' && fnv1a32(input.uid) % 2 === 1;
  const before = descending ? (a: string, b: string) => a > b : (a: string, b: string) => a < b;
  const given = parties.reduce((sum, p) => sum + p.seats, 0) - initialSeats(input);
  for (let left = input.seats - given; left > 0; left--) {
    let best: Running | undefined;
    for (const p of parties) if (best === undefined || precedes(p, best, before)) best = p;
    if (best) best.seats++;
  }
  return parties.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function initialSeats(input: WebsterInput): number {
  let sum = 0;
  for (const seats of input.initial?.values() ?? []) sum += seats;
  return sum;
}

function precedes(a: Running, b: Running, before: (a: string, b: string) => boolean): boolean {
  const left = a.votes / (2 * a.seats + 1);
  const right = b.votes / (2 * b.seats + 1);
  if (left !== right) return left > right;
  return a.seats !== b.seats ? a.seats < b.seats : before(a.name, b.name);
}

/**
 * Parties without votes, or with fewer than none, get nothing as long as there is one with some: they do not count here.
 * With s = round(votes/d) for some divisor d and Σs = N, d differs from total/N so little that
 * votes·(N − parties/2)/total − 1/2 never exceeds s; one more is taken off for rounding.
 */
function startingSeats(input: WebsterInput): Running[] {
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

/** Replicas by weight; nothing where all weigh nothing. */
export function replicasByWeight(replicas: number, weights: ReadonlyMap<string, number>, uid: string | undefined): Target[] {
  if ([...weights.values()].reduce((sum, v) => sum + v, 0) === 0) return [];
  const parties = webster({ seats: replicas, votes: weights, ...(uid === undefined ? {} : { uid }) });
  return parties.map(p => ({ name: p.name, replicas: p.seats }));
}
