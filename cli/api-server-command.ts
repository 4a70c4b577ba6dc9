// `flotilla apiserver`: the API server alone; controllers, scheduler and webhooks come to it over HTTPS.
import type { Command } from 'commander';
import { systemClock } from '../kube/index.ts';
import { addFlagCommand, type Given, optionsOf } from './flags/command.ts';
import { idleEverywhere } from './flags/idle.ts';
import { logLevel } from './flags/log-level.ts';
import { type SecurityFlags, securityFlags } from './flags/security.ts';
import { type AdmissionFlags, admissionFlags, type HomeFlags, homeFlags } from './flags/server.ts';
import { type LogFlags, logFlags } from './flags/standing-alone.ts';
import { homeAt, makeHome } from './home.ts';
import { processLogger } from './log.ts';
import { whileRunning } from './running.ts';
import { stopSignal } from './stop-signal.ts';
import { packageVersion } from './version.ts';

export function addApiServer(program: Command, description: string): void {
  addFlagCommand(program, {
    name: 'apiserver',
    description,
    examples: [
      'flotilla apiserver --home /var/lib/flotilla            # its kubeconfig: /var/lib/flotilla/karmada.config',
      'flotilla apiserver --disable-admission-plugins KarmadaAdmission   # where flotilla webhook serves the rules',
    ],
    groups: [
      { title: 'API server', flags: homeFlags },
      { title: 'Security', flags: securityFlags },
      { title: 'Admission', flags: admissionFlags },
      { title: 'Logs', flags: logFlags },
    ],
    takesGates: true,
    idle: idleEverywhere,
    run: serve,
  });
}

async function serve(given: Given): Promise<void> {
  const o = optionsOf<HomeFlags & AdmissionFlags & LogFlags & SecurityFlags>(given);
  const home = homeAt(o.home || undefined);
  const log = processLogger(logLevel(o), 'flotilla-apiserver');
  makeHome(home);
  for (const warning of given.warnings) log.warn({}, warning);
  const signal = stopSignal(log);
  const [{ startApiServer }, { securitySettings }] = await Promise.all([import('./api-server.ts'), import('./security.ts')]);
  const host = await startApiServer({
    home,
    host: o.bind,
    port: o.port,
    clock: systemClock,
    log,
    gates: given.gates,
    version: packageVersion(),
    security: securitySettings(o, { clock: systemClock, log }),
    webhooks: { allowNoExecuteTaintPolicy: o.allowNoExecuteTaintPolicy },
    disabledAdmission: o.disableAdmissionPlugins,
  });
  log.info({ port: host.listening.port, kubeconfig: home.kubeconfig }, 'API server is listening');
  await whileRunning(home, 'flotilla', () => host.run([], signal));
}
