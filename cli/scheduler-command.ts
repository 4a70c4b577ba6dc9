// `flotilla scheduler` and `flotilla descheduler`, each alone.
import type { Command } from 'commander';
import { eventRecorder } from '../kube/index.ts';
import {
  type DeschedulerFlags,
  descheduler,
  deschedulerFlags,
  estimatorClientFlags,
  type SchedulerFlags,
  schedulerFlags,
} from '../scheduler/index.ts';
import { schedulerComponent } from './components.ts';
import { explanationAt } from './explanations.ts';
import { addFlagCommand, type Given, optionsOf } from './flags/command.ts';
import { idleEverywhere } from './flags/idle.ts';
import { clientFlags, leaderFlags, logFlags, servingFlags } from './flags/standing-alone.ts';
import { standAlone } from './standing-alone.ts';

const controlPlane = { title: 'Control plane', flags: clientFlags({ of: 'the control plane', qps: 40, burst: 60 }) };

export function addScheduler(program: Command, description: string): void {
  addFlagCommand(program, {
    name: 'scheduler',
    description,
    examples: [
      'flotilla scheduler --kubeconfig karmada.config',
      'flotilla scheduler --kubeconfig karmada.config --enable-scheduler-estimator --plugins "*,-ClusterLocality"',
    ],
    groups: [
      controlPlane,
      { title: 'Scheduler', flags: schedulerFlags },
      { title: 'Leader election', flags: leaderFlags('karmada-scheduler') },
      { title: 'Health and metrics', flags: servingFlags({ metrics: ':8080', health: ':10351' }) },
      { title: 'Logs', flags: logFlags },
    ],
    takesGates: true,
    idle: idleEverywhere,
    run: given =>
      standAlone({
        component: 'karmada-scheduler',
        given,
        async work({ markReady, answer, ...standing }, signal) {
          markReady();
          const decider = schedulerComponent({ ...standing, gates: given.gates, flags: optionsOf<SchedulerFlags>(given) });
          answer(path => explanationAt(decider, path, signal));
          await decider.run(signal);
        },
      }),
  });
}

export function addDescheduler(program: Command, description: string): void {
  addFlagCommand(program, {
    name: 'descheduler',
    description,
    examples: ['flotilla descheduler --kubeconfig karmada.config --descheduling-interval 5m'],
    groups: [
      controlPlane,
      { title: 'Descheduler', flags: deschedulerFlags },
      { title: 'Estimators', flags: estimatorClientFlags },
      { title: 'Leader election', flags: leaderFlags('karmada-descheduler') },
      { title: 'Health and metrics', flags: servingFlags({ metrics: ':8080', health: ':10358' }) },
      { title: 'Logs', flags: logFlags },
    ],
    takesGates: false,
    idle: idleEverywhere,
    run: deschedule,
  });
}

async function deschedule(given: Given): Promise<void> {
  const o = optionsOf<SchedulerFlags & DeschedulerFlags>(given);
  await standAlone({
    component: 'karmada-descheduler',
    given,
    async work({ hub, clock, log, markReady }, signal) {
      markReady();
      const events = eventRecorder({ client: hub, clock, component: 'karmada-descheduler' });
      const { deschedulingIntervalMs: intervalMs, unschedulableThresholdMs } = o;
      await descheduler({ hub, clock, log, events, flags: o, intervalMs, unschedulableThresholdMs }).run(signal);
    },
  });
}
