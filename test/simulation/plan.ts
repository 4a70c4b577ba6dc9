// What happens in one run, drawn from its seed before it begins. Every operation stands for itself: it carries its own numbers and makes sense without the others, so
// that a failing run can be cut down to the operations it takes.
import { mulberry32 } from '../../kube/index.ts';

export const NAMES = ['m1', 'm2', 'm3'] as const;
export type Name = (typeof NAMES)[number];

export type Operation = (
  | { readonly do: 'create' | 'restart' | 'calmInterpreter' | 'forgetHubHistory' | 'backupHub' | 'restoreHub' | 'resume' }
  | { readonly do: 'scale' | 'delete'; readonly which: number; readonly replicas: number }
  | { readonly do: 'move'; readonly targets: readonly Name[] }
  | { readonly do: 'suspend'; readonly dispatching: boolean }
  | { readonly do: 'failInterpreter' | 'fillHub'; readonly forMs: number }
  | { readonly do: 'partition' | 'heal' | 'backupMember' | 'restoreMember' | 'forgetHistory'; readonly member: Name }
  | { readonly do: 'unlearn'; readonly member: Name; readonly forMs: number }
  | { readonly do: 'meddle'; readonly member: Name; readonly which: number; readonly how: 'delete' | 'scale' }
) & {
  /** How long nothing else happens afterwards. */
  readonly thenMs: number;
};

const STEPS = 24;
const WAIT_MS = 20_000;

type Draw = {
  readonly number: () => number;
  readonly member: () => Name;
  readonly ms: (max: number) => number;
};

type Bare<T> = T extends unknown ? Omit<T, 'thenMs'> : never;

/** Kinds of operation with how often they come. */
const KINDS: readonly (readonly [weight: number, make: (d: Draw) => Bare<Operation>])[] = [
  [20, () => ({ do: 'create' })],
  [16, d => ({ do: 'scale', which: d.number(), replicas: 1 + Math.floor(d.number() * 9) })],
  [8, d => ({ do: 'delete', which: d.number(), replicas: 0 })],
  [8, d => ({ do: 'move', targets: targetsOf(d) })],
  [3, d => ({ do: 'suspend', dispatching: d.number() < 0.4 })],
  [8, d => ({ do: 'partition', member: d.member() })],
  [8, d => ({ do: 'heal', member: d.member() })],
  [6, () => ({ do: 'restart' })],
  [4, d => ({ do: 'failInterpreter', forMs: d.ms(60_000) })],
  [3, d => ({ do: 'fillHub', forMs: d.ms(40_000) })],
  [3, () => ({ do: 'forgetHubHistory' })],
  [3, d => ({ do: 'forgetHistory', member: d.member() })],
  [3, d => ({ do: 'unlearn', member: d.member(), forMs: d.ms(60_000) })],
  [5, d => ({ do: 'meddle', member: d.member(), which: d.number(), how: d.number() < 0.5 ? 'delete' : 'scale' })],
  [2, d => ({ do: 'backupMember', member: d.member() })],
  [3, d => ({ do: 'restoreMember', member: d.member() })],
  [2, () => ({ do: 'backupHub' })],
  [2, () => ({ do: 'restoreHub' })],
  [2, () => ({ do: 'resume' })],
];

function targetsOf(d: Draw): Name[] {
  const chosen = NAMES.filter(() => d.number() < 0.6);
  return chosen.length > 0 ? chosen : [d.member()];
}

export function planOf(seed: number): Operation[] {
  const random = mulberry32(seed ^ 0x5eed);
  const draw: Draw = {
    number: random,
    member: () => NAMES[Math.floor(random() * NAMES.length)] ?? 'm1',
    ms: max => Math.round(random() * max),
  };
  const total = KINDS.reduce((sum, [weight]) => sum + weight, 0);
  return Array.from({ length: STEPS }, () => {
    let left = random() * total;
    const chosen = KINDS.find(([weight]) => {
      left -= weight;
      return left < 0;
    });
    const operation = (chosen ?? KINDS[0])?.[1](draw) ?? { do: 'create' };
    return { ...operation, thenMs: draw.ms(WAIT_MS) } as Operation;
  });
}
