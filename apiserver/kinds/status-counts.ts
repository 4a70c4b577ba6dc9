// The numbers of a status: none below zero, and parts not above their whole.
import { invalidValue, notNegative } from './checks.ts';
import { type Faults, has, number, type Obj, sub } from './read.ts';

interface Counts {
  /** In the order in which they are told. */
  readonly notNegative: readonly string[];
  /** `[part, whole]` fields, and how the whole is called where that is not by its path. */
  readonly atMost?: readonly (readonly [part: string, whole: string, told?: string])[];
}

const ofReplicas = (...parts: readonly string[]): (readonly [string, string])[] => parts.map(part => [part, 'replicas']);

const REPLICAS: Counts = {
  notNegative: ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration', 'terminatingReplicas'],
  atMost: [
    ...ofReplicas('fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'),
    ['availableReplicas', 'readyReplicas', 'readyReplicas'],
  ],
};

const COUNTS = {
  Deployment: {
    notNegative: [
      'observedGeneration',
      'replicas',
      'updatedReplicas',
      'readyReplicas',
      'availableReplicas',
      'unavailableReplicas',
      'terminatingReplicas',
      'collisionCount',
    ],
    atMost: [
      ...ofReplicas('updatedReplicas', 'readyReplicas', 'availableReplicas'),
      ['availableReplicas', 'readyReplicas', 'readyReplicas'],
    ],
  },
  ReplicaSet: REPLICAS,
  ReplicationController: REPLICAS,
  StatefulSet: {
    notNegative: [
      'replicas',
      'readyReplicas',
      'currentReplicas',
      'updatedReplicas',
      'availableReplicas',
      'observedGeneration',
      'collisionCount',
    ],
    atMost: [
      ...ofReplicas('readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'),
      ['availableReplicas', 'readyReplicas'],
    ],
  },
  DaemonSet: {
    notNegative: [
      'currentNumberScheduled',
      'numberMisscheduled',
      'desiredNumberScheduled',
      'numberReady',
      'observedGeneration',
      'updatedNumberScheduled',
      'numberAvailable',
      'numberUnavailable',
      'collisionCount',
    ],
  },
  PodDisruptionBudget: { notNegative: ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] },
  HorizontalPodAutoscaler: { notNegative: ['currentReplicas', 'desiredReplicas'] },
} satisfies Record<string, Counts>;

/** Judges the counts in the status of a kind. */
export const statusCounts =
  (kind: keyof typeof COUNTS) =>
  (faults: Faults, o: Obj): void => {
    const counts: Counts = COUNTS[kind];
    const status = sub(o, 'status');
    for (const key of counts.notNegative) if (has(status, key)) notNegative(faults, `status.${key}`, number(status, key));
    for (const [part, whole, told = `status.${whole}`] of counts.atMost ?? [])
      if (number(status, part) > number(status, whole))
        faults.push(invalidValue(`status.${part}`, number(status, part), `cannot be greater than ${told}`));
  };
