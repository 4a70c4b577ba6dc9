// `flotilla webhook`: the admission rules for a control plane whose API server does not have them in itself.
import { join } from 'node:path';
import type { SecureVersion } from 'node:tls';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { LuaPool } from '../interpreter/index.ts';
import {
  type AnyObject,
  type Client,
  type Flag,
  flagsOf,
  getOrUndefined,
  keyOf,
  type Resource,
  resource,
  systemClock,
} from '../kube/index.ts';
import { admissionContext, luaCompiler, webhookConfigurations } from '../webhook/index.ts';
import { addFlagCommand, type Given, optionsOf } from './flags/command.ts';
import { idleEverywhere } from './flags/idle.ts';
import { type HomeFlags, homeFlags, taintPolicyFlag } from './flags/server.ts';
import { clientFlags, logFlags, servingFlags } from './flags/standing-alone.ts';
import { homeAt } from './home.ts';
import { type Standing, standAlone } from './standing-alone.ts';
import { type Certificate, webhookCertificate } from './webhook-certificate.ts';
import { webhookServer } from './webhook-server.ts';

interface WebhookFlags {
  readonly bindAddress: string;
  readonly securePort: number;
  readonly certDir: string;
  readonly tlsCertFileName: string;
  readonly tlsPrivateKeyFileName: string;
  readonly tlsMinVersion: string;
  readonly allowNoExecuteTaintPolicy: boolean;
  readonly url: string;
  readonly printConfigurations: boolean;
  readonly installConfigurations: boolean;
}

const flag = flagsOf<WebhookFlags>();
const servingTls: readonly Flag[] = [
  flag('bindAddress', 'text', '0.0.0.0', 'address to listen on'),
  flag('securePort', 'number', 8443, 'port to listen on'),
  flag('certDir', 'text', '', 'folder of the certificate and its key; made there where they are absent (default: webhook in the home)'),
  flag('tlsCertFileName', 'text', 'tls.crt', 'the certificate in that folder'),
  flag('tlsPrivateKeyFileName', 'text', 'tls.key', 'its key in that folder'),
  flag('tlsMinVersion', 'text', '1.3', 'oldest version of TLS that is spoken: 1.2 or 1.3'),
];
const configurationFlags: readonly Flag[] = [
  flag('url', 'text', '', 'where API servers reach this server (default: https://127.0.0.1:<port>)'),
  flag('printConfigurations', 'boolean', false, 'print the Mutating- and the ValidatingWebhookConfiguration as YAML, and end'),
  flag('installConfigurations', 'boolean', false, 'apply both to the API server at the start'),
];

export function addWebhook(program: Command, description: string): void {
  addFlagCommand(program, {
    name: 'webhook',
    description,
    examples: [
      'flotilla webhook --kubeconfig karmada.config --install-configurations',
      'flotilla webhook --print-configurations --url https://webhook.example.com:8443 | kubectl apply -f -',
    ],
    groups: [
      { title: 'Server', flags: servingTls },
      { title: 'Configurations', flags: configurationFlags },
      { title: 'Rules', flags: [taintPolicyFlag] },
      { title: 'Control plane', flags: clientFlags({ of: 'the control plane', qps: 40, burst: 60 }) },
      { title: 'Health and metrics', flags: servingFlags({ metrics: ':8080', health: ':8000' }) },
      { title: 'Other', flags: [...homeFlags.filter(f => f.field === 'home'), ...logFlags] },
    ],
    takesGates: true,
    idle: idleEverywhere,
    run: webhook,
  });
}

const VERSIONS: ReadonlyMap<string, SecureVersion> = new Map([
  ['1.2', 'TLSv1.2'],
  ['1.3', 'TLSv1.3'],
]);

async function webhook(given: Given): Promise<void> {
  const o = optionsOf<WebhookFlags & HomeFlags>(given);
  const minVersion = VERSIONS.get(o.tlsMinVersion);
  if (!minVersion) throw new Error(`--tls-min-version: ${o.tlsMinVersion} is not spoken here: write 1.2 or 1.3`);
  const certificate = await webhookCertificate({
    dir: o.certDir || join(homeAt(o.home || undefined).dir, 'webhook'),
    certName: o.tlsCertFileName,
    keyName: o.tlsPrivateKeyFileName,
    hosts: o.url ? [hostOf(o.url)] : [],
    clock: systemClock,
  });
  const configurations = webhookConfigurations(
    Buffer.from(certificate.ca).toString('base64'),
    o.url || `https://127.0.0.1:${o.securePort}`,
  );
  if (o.printConfigurations) {
    console.log(configurations.map(c => stringify(c)).join('---\n'));
    return;
  }
  await standAlone({
    component: 'karmada-webhook',
    given,
    work: (standing, signal) => serve({ o, given, certificate, minVersion, configurations }, standing, signal),
  });
}

function hostOf(url: string): string {
  try {
    return new URL(url).hostname.replace(/^\[|\]$/g, '');
  } catch {
    throw new Error(`--url: ${url} is no URL: write https://host:port`);
  }
}

interface Serving {
  readonly o: WebhookFlags;
  readonly given: Given;
  readonly certificate: Certificate;
  readonly minVersion: SecureVersion;
  readonly configurations: readonly AnyObject[];
}

async function serve(w: Serving, { hub, clock, log, metrics, markReady }: Standing, signal: AbortSignal): Promise<void> {
  const lua = new LuaPool(clock);
  const server = await webhookServer({
    host: w.o.bindAddress,
    port: w.o.securePort,
    tls: { cert: w.certificate.cert, key: w.certificate.key, minVersion: w.minVersion },
    review: {
      context: admissionContext({ client: () => hub, clock, compileLua: luaCompiler(lua) }),
      client: hub,
      gates: w.given.gates,
      options: { allowNoExecuteTaintPolicy: w.o.allowNoExecuteTaintPolicy },
    },
    log,
    metrics,
  });
  log.info({ port: server.port }, 'reviews are answered');
  try {
    if (w.o.installConfigurations) for (const configuration of w.configurations) await put(hub, configuration, signal);
    markReady();
    await new Promise<void>(resolve => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
  } finally {
    await server.close();
    lua.close();
  }
}

/** Creates the configuration, or brings it up to date. */
async function put(hub: Client, wanted: AnyObject, signal: AbortSignal): Promise<void> {
  const r: Resource<AnyObject> = resource({
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    kind: wanted.kind,
    plural: `${wanted.kind.toLowerCase()}s`,
    scope: 'Cluster',
  });
  const present = await getOrUndefined(hub, r, keyOf(wanted), { signal });
  if (present) await hub.update(r, { ...present, webhooks: wanted['webhooks'] } as AnyObject, { signal });
  else await hub.create(r, wanted, { signal });
}
