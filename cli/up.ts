// `flotilla up`: the whole control plane in this process.
import type { Command } from 'commander';
import { type ControllerManagerOptions, controllerFlags } from '../controllers/index.ts';
import { systemClock } from '../kube/index.ts';
import { type SchedulerFlags, schedulerFlags } from '../scheduler/index.ts';
import { addFlagCommand, type Given, optionsOf } from './flags/command.ts';
import { checkControllerFlags } from './flags/controllers.ts';
import { type Idle, idleEverywhere, idleOfControllers } from './flags/idle.ts';
import { logLevel } from './flags/log-level.ts';
import { type SecurityFlags, securityFlags } from './flags/security.ts';
import { type AdmissionFlags, admissionFlags, type HomeFlags, homeFlags } from './flags/server.ts';
import { clientFlags, type LogFlags, leaderFlags, logFlags, type MemberClientFlags, memberClientFlags } from './flags/standing-alone.ts';
import { homeAt, makeHome } from './home.ts';
import { processLogger } from './log.ts';
import { whileRunning } from './running.ts';
import { stopSignal } from './stop-signal.ts';
import { packageVersion } from './version.ts';

const IN_ONE_PROCESS = 'everything runs in this one process, which holds the database alone';

/** Flags of components that make sense only where a component stands alone. */
const idle: Idle = {
  ...idleEverywhere,
  ...idleOfControllers,
  ...Object.fromEntries(
    [...leaderFlags(''), ...clientFlags({ of: '', qps: 0, burst: 0 })].filter(f => f.name !== 'context').map(f => [f.name, IN_ONE_PROCESS]),
  ),
  'metrics-bind-address': 'the API server serves /metrics of everything that runs here',
  'health-probe-bind-address': 'the API server serves /healthz, /livez and /readyz',
};

export function addUp(program: Command, description: string): void {
  addFlagCommand(program, {
    name: 'up',
    description,
    examples: [
      'flotilla up                                            # in ~/.flotilla, on 127.0.0.1:5443',
      'flotilla up --home /var/lib/flotilla --bind 10.0.0.5 --config flotilla.yaml',
      "flotilla up --controllers '*,-remedy' --feature-gates Failover=true --enable-no-execute-taint-eviction",
    ],
    groups: [
      { title: 'Control plane', flags: homeFlags },
      { title: 'Security', flags: securityFlags },
      { title: 'Controllers', flags: controllerFlags },
      { title: 'Scheduler', flags: schedulerFlags },
      { title: 'Admission', flags: admissionFlags },
      { title: 'Members', flags: memberClientFlags },
      { title: 'Logs', flags: logFlags },
    ],
    takesGates: true,
    idle,
    run: up,
  });
}

type UpFlags = HomeFlags & ControllerManagerOptions & SchedulerFlags & AdmissionFlags & MemberClientFlags & LogFlags & SecurityFlags;

async function up(given: Given): Promise<void> {
  const o = optionsOf<UpFlags>(given);
  checkControllerFlags(o);
  const home = homeAt(o.home || undefined);
  const log = processLogger(logLevel(o), 'flotilla');
  makeHome(home);
  for (const warning of given.warnings) log.warn({}, warning);
  const signal = stopSignal(log);
  const [{ startPlane }, { securitySettings }] = await Promise.all([import('./plane.ts'), import('./security.ts')]);
  const plane = await startPlane({
    home,
    host: o.bind,
    port: o.port,
    clock: systemClock,
    log,
    gates: given.gates,
    version: packageVersion(),
    security: securitySettings(o, { clock: systemClock, log }),
    controllers: o,
    scheduler: o,
    webhooks: { allowNoExecuteTaintPolicy: o.allowNoExecuteTaintPolicy },
    disabledAdmission: o.disableAdmissionPlugins,
    members: { qps: o.clusterApiQps, burst: o.clusterApiBurst },
  });
  log.info({ port: plane.listening.port, kubeconfig: home.kubeconfig }, 'control plane is listening');
  await whileRunning(home, 'flotilla', () => plane.run(signal));
}
