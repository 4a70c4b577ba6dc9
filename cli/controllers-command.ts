// `flotilla controllers`: the controller manager alone, beside any API server that has the kinds of Karmada.
import type { Command } from 'commander';
import { type ControllerManagerOptions, controllerFlags } from '../controllers/index.ts';
import { type Flag, flagsOf } from '../kube/index.ts';
import { controllersComponent } from './components.ts';
import { addFlagCommand, type Given, optionsOf } from './flags/command.ts';
import { checkControllerFlags } from './flags/controllers.ts';
import { idleEverywhere, idleOfControllers } from './flags/idle.ts';
import { clientFlags, leaderFlags, logFlags, type MemberClientFlags, memberClientFlags, servingFlags } from './flags/standing-alone.ts';
import { standAlone } from './standing-alone.ts';
import { packageVersion } from './version.ts';

interface InstallFlags {
  readonly installCrds: boolean;
}

const installFlags: readonly Flag[] = [
  flagsOf<InstallFlags>()(
    'installCrds',
    'boolean',
    false,
    'create the kinds of Karmada and its namespaces at the start, or bring them up to date',
  ),
];

export function addControllers(program: Command, description: string): void {
  addFlagCommand(program, {
    name: 'controllers',
    description,
    examples: [
      'flotilla controllers --kubeconfig karmada.config',
      'flotilla controllers --kubeconfig stock.config --install-crds      # beside a stock kube-apiserver',
      "flotilla controllers --kubeconfig karmada.config --controllers '*,-remedy' --metrics-bind-address 127.0.0.1:9090",
    ],
    groups: [
      { title: 'Control plane', flags: [...clientFlags({ of: 'the control plane', qps: 40, burst: 60 }), ...installFlags] },
      { title: 'Controllers', flags: controllerFlags },
      { title: 'Members', flags: memberClientFlags },
      { title: 'Leader election', flags: leaderFlags('karmada-controller-manager') },
      { title: 'Health and metrics', flags: servingFlags({ metrics: ':8080', health: ':10357' }) },
      { title: 'Logs', flags: logFlags },
    ],
    takesGates: true,
    idle: { ...idleEverywhere, ...idleOfControllers },
    run,
  });
}

async function run(given: Given): Promise<void> {
  const o = optionsOf<ControllerManagerOptions & MemberClientFlags & InstallFlags>(given);
  checkControllerFlags(o);
  await standAlone({
    component: 'karmada-controller-manager',
    given,
    async prepare({ hub, clock, log }, signal) {
      if (!o.installCrds) return;
      const { installCrds } = await import('./install-crds.ts');
      await installCrds({ hub, clock, log }, signal);
    },
    async work({ hub, clock, log, metrics, markReady }, signal) {
      markReady();
      await controllersComponent({
        hub,
        clock,
        log,
        metrics,
        gates: given.gates,
        options: o,
        version: packageVersion(),
        limits: { qps: o.clusterApiQps, burst: o.clusterApiBurst },
      }).run(signal);
    },
  });
}
