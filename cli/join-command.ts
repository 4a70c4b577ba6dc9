// `flotilla join` and `flotilla unjoin`.
import type { Command } from 'commander';
import { clusters } from '../crds/index.ts';
import { getOrUndefined, type HttpClient, silent, systemClock } from '../kube/index.ts';
import { homeAt } from './home.ts';
import { stopSignal } from './stop-signal.ts';
import { packageVersion } from './version.ts';

interface ClusterOptions {
  readonly home?: string;
  readonly kubeconfig?: string;
  readonly karmadaContext?: string;
  readonly clusterKubeconfig?: string;
  readonly clusterContext?: string;
}

interface JoinFlags extends ClusterOptions {
  readonly clusterProvider?: string;
  readonly clusterRegion?: string;
  readonly clusterZones?: string;
  readonly ifAbsent?: boolean;
}

const shared = (command: Command): Command =>
  command
    .option('--home <dir>', "the control plane's home (default: ~/.flotilla)")
    .option('--kubeconfig <file>', 'kubeconfig of the control plane (default: karmada.config in the home)')
    .option('--karmada-context <name>', 'its context')
    .option('--cluster-kubeconfig <file>', 'kubeconfig of the member')
    .option('--cluster-context <name>', 'context of the member in it (default: the current one)');

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
    .option('--if-absent', 'clusters that are registered already are left as they are')
    .action(joinMembers);
}

export function addUnjoin(program: Command, description: string): void {
  shared(program.command('unjoin').argument('<name>', 'name of the member cluster').description(description)).action(unjoinMember);
}

async function clients(
  o: ClusterOptions,
): Promise<{ hub: Awaited<ReturnType<typeof connect>>; member?: Awaited<ReturnType<typeof connect>> }> {
  const hub = await connect(o.kubeconfig ?? homeAt(o.home).kubeconfig, o.karmadaContext);
  return o.clusterKubeconfig ? { hub, member: await connect(o.clusterKubeconfig, o.clusterContext) } : { hub };
}

async function connect(file: string, context: string | undefined) {
  const { clientFrom } = await import('./kubeconfig-client.ts');
  return clientFrom({ file, context }, `flotilla/${packageVersion()}`);
}

async function joinMembers(names: readonly string[], o: JoinFlags, command: Command): Promise<void> {
  if (!o.clusterKubeconfig) command.error('error: name the kubeconfig of the member with --cluster-kubeconfig');
  if (names.length > 1 && o.clusterContext) command.error('error: --cluster-context names the context of one cluster: join one at a time');
  const hub = await connect(o.kubeconfig ?? homeAt(o.home).kubeconfig, o.karmadaContext);
  const signal = stopSignal(silent);
  try {
    const outcomes = await Promise.allSettled(
      names.map(name => joinMember(name, { o, hub: hub.client, several: names.length > 1, signal })),
    );
    const failed = outcomes.flatMap((outcome, i) =>
      outcome.status === 'rejected' ? [`${names[i]}: ${(outcome.reason as Error).message}`] : [],
    );
    if (failed.length > 0) throw new Error(failed.join('; '));
  } finally {
    await hub.client.close();
  }
}

async function joinMember(name: string, w: { o: JoinFlags; hub: HttpClient; several: boolean; signal: AbortSignal }): Promise<void> {
  const { o } = w;
  if (o.ifAbsent && (await getOrUndefined(w.hub, clusters, { name }))) return;
  const member = await connect(o.clusterKubeconfig ?? '', o.clusterContext ?? (w.several ? name : undefined));
  const { join } = await import('./join.ts');
  try {
    await join({
      name,
      hub: w.hub,
      member: member.client,
      endpoint: member.server,
      ...(o.clusterProvider ? { provider: o.clusterProvider } : {}),
      ...(o.clusterRegion ? { region: o.clusterRegion } : {}),
      ...(o.clusterZones ? { zones: o.clusterZones.split(',') } : {}),
      clock: systemClock,
      signal: w.signal,
    });
    console.log(`cluster(${name}) is joined successfully`);
  } finally {
    await member.client.close();
  }
}

async function unjoinMember(name: string, o: ClusterOptions): Promise<void> {
  const { hub, member } = await clients(o);
  const { unjoin } = await import('./join.ts');
  try {
    await unjoin({ name, hub: hub.client, ...(member ? { member: member.client } : {}), clock: systemClock, signal: stopSignal(silent) });
    console.log(`cluster(${name}) is removed`);
  } finally {
    await Promise.all([hub.client.close(), member?.client.close()]);
  }
}
