// `flotilla join` and `flotilla unjoin`, with the flags of karmadactl.
import type { Command } from 'commander';
import { clusters } from '../crds/index.ts';
import { durationMillis, getOrUndefined, type HttpClient, silent, systemClock } from '../kube/index.ts';
import { clusterName } from '../webhook/index.ts';
import { homeAt } from './home.ts';
import type { ReadKubeconfig } from './kubeconfig-client.ts';
import { stopSignal } from './stop-signal.ts';
import { packageVersion } from './version.ts';

interface ClusterOptions {
  readonly home?: string;
  readonly kubeconfig?: string;
  readonly karmadaContext?: string;
  readonly clusterKubeconfig?: string;
  readonly clusterContext?: string;
  readonly clusterNamespace: string;
  readonly dryRun?: boolean;
}

interface JoinFlags extends ClusterOptions {
  readonly clusterProvider?: string;
  readonly clusterRegion?: string;
  readonly clusterZones?: string;
  readonly clusterZone?: string;
  readonly ifAbsent?: boolean;
}

interface UnjoinFlags extends ClusterOptions {
  readonly force?: boolean;
  readonly wait: string;
}

const shared = (command: Command): Command =>
  command
    .option('--home <dir>', "the control plane's home (default: ~/.flotilla)")
    .option('--kubeconfig <file>', 'kubeconfig of the control plane (default: karmada.config in the home)')
    .option('--karmada-context <name>', 'its context (default: the current one)')
    .option('--cluster-kubeconfig <file>', 'kubeconfig of the member')
    .option('--cluster-context <name>', 'context of the member in it')
    .option('--cluster-namespace <name>', "namespace of the control plane that the member's credentials are kept in", 'karmada-cluster')
    .option('--dry-run', 'look at everything, change nothing');

export function addJoin(program: Command, description: string): void {
  shared(
    program
      .command('join')
      .argument('<names...>', 'names of the member clusters; several: each is also the name of its context')
      .description(description),
  )
    .option('--cluster-provider <name>', 'provider of the member')
    .option('--cluster-region <name>', 'region of the member')
    .option('--cluster-zones <names>', 'zones of the member, comma-separated')
    .option('--cluster-zone <name>', 'the same as --cluster-zones')
    .option('--if-absent', 'clusters that are registered already are left as they are')
    .addHelpText(
      'after',
      '\nExample:\n  flotilla join member1 --cluster-kubeconfig ~/.kube/config --cluster-context kind-member1 --cluster-region north',
    )
    .action(joinMembers);
}

export function addUnjoin(program: Command, description: string): void {
  shared(program.command('unjoin').argument('<name>', 'name of the member cluster').description(description))
    .option('--force', 'when time is up, let go of what the member did not give back')
    .option('--wait <duration>', 'how long to wait until the cluster is gone', '60s')
    .addHelpText(
      'after',
      '\nExamples:\n  flotilla unjoin member1                                        # leaves its identities in the member\n  flotilla unjoin member1 --cluster-kubeconfig ~/.kube/config    # removes them too',
    )
    .action(unjoinMember);
}

async function connect(file: string, context: string | undefined): Promise<ReadKubeconfig> {
  const { clientFrom } = await import('./kubeconfig-client.ts');
  return clientFrom({ file, context }, `flotilla/${packageVersion()}`);
}

const hubOf = (o: ClusterOptions): Promise<ReadKubeconfig> => connect(o.kubeconfig ?? homeAt(o.home).kubeconfig, o.karmadaContext);

async function joinMembers(names: readonly string[], o: JoinFlags, command: Command): Promise<void> {
  if (!o.clusterKubeconfig) command.error('error: name the kubeconfig of the member with --cluster-kubeconfig');
  if (names.length > 1 && o.clusterContext) command.error('error: --cluster-context names the context of one cluster: join one at a time');
  for (const name of names) {
    const faults = clusterName(name);
    if (faults.length > 0) command.error(`error: invalid cluster name(${name}): ${faults.join(';')}`);
  }
  if (o.clusterNamespace === 'karmada-system')
    console.error(
      'warning: karmada-system is for the control plane itself: credentials of members are better kept in a namespace of their own',
    );
  const hub = await hubOf(o);
  const signal = stopSignal(silent);
  try {
    const outcomes = await Promise.allSettled(
      names.map(name => joinMember(name, { o, hub: hub.client, several: names.length > 1, signal })),
    );
    const failed = outcomes.flatMap((outcome, i) =>
      outcome.status === 'rejected' ? [names.length > 1 ? `${names[i]}: ${messageOf(outcome.reason)}` : messageOf(outcome.reason)] : [],
    );
    if (failed.length > 0) throw new Error(failed.join('; '));
  } finally {
    await hub.client.close();
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function joinMember(name: string, w: { o: JoinFlags; hub: HttpClient; several: boolean; signal: AbortSignal }): Promise<void> {
  const { o } = w;
  if (o.ifAbsent && (await getOrUndefined(w.hub, clusters, { name }))) return;
  const member = await connect(o.clusterKubeconfig ?? '', o.clusterContext ?? (w.several ? name : undefined));
  const { join } = await import('./join.ts');
  const { insecureSkipTlsVerify, proxy } = member.connection;
  const zones = o.clusterZones ?? o.clusterZone;
  try {
    const cluster = await join({
      name,
      hub: w.hub,
      member: member.client,
      endpoint: member.server,
      namespace: o.clusterNamespace,
      ...(insecureSkipTlsVerify ? { insecure: true } : {}),
      ...(proxy ? { proxy } : {}),
      ...(o.clusterProvider ? { provider: o.clusterProvider } : {}),
      ...(o.clusterRegion ? { region: o.clusterRegion } : {}),
      ...(zones ? { zones: zones.split(',') } : {}),
      ...(o.dryRun ? { dryRun: true } : {}),
      clock: systemClock,
      signal: w.signal,
    });
    if (o.dryRun) console.log(`cluster(${name}) would be joined: id ${cluster.spec.id}, endpoint ${cluster.spec.apiEndpoint} (dry run)`);
    else console.log(`cluster(${name}) is joined successfully`);
  } finally {
    await member.client.close();
  }
}

async function unjoinMember(name: string, o: UnjoinFlags, command: Command): Promise<void> {
  const waitMs = durationMillis(o.wait);
  if (waitMs === undefined || waitMs <= 0) command.error(`error: --wait ${o.wait} must be a positive duration, e.g. 1m0s`);
  const hub = await hubOf(o);
  const member = o.clusterKubeconfig ? await memberOf(name, o.clusterKubeconfig, o.clusterContext) : undefined;
  const { unjoin } = await import('./unjoin.ts');
  try {
    await unjoin({
      name,
      hub: hub.client,
      namespace: o.clusterNamespace,
      waitMs: waitMs ?? 0,
      ...(member ? { member: member.client } : {}),
      ...(o.force ? { force: true } : {}),
      ...(o.dryRun ? { dryRun: true } : {}),
      clock: systemClock,
      signal: stopSignal(silent),
    });
    console.log(o.dryRun ? `cluster(${name}) would be removed (dry run)` : `cluster(${name}) is removed`);
  } finally {
    await Promise.all([hub.client.close(), member?.client.close()]);
  }
}

/** By the context that bears the cluster's name, else by the current one. */
async function memberOf(name: string, file: string, context: string | undefined): Promise<ReadKubeconfig> {
  if (context) return connect(file, context);
  return connect(file, name).catch(() => connect(file, undefined));
}
