// `flotilla plan`: what would move if these files were applied, or clusters cordoned, lost or added. Nothing is written.
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { discoverOver } from '../controllers/index.ts';
import { systemClock } from '../kube/index.ts';
import { parseGates } from './flags/gates.ts';
import { clientFrom } from './kubeconfig-client.ts';
import { readManifests } from './manifests.ts';
import type { AddedCluster, Plan, PlannedChange } from './plan/plan.ts';

interface PlanCommandOptions {
  readonly filename?: readonly string[];
  readonly namespace: string;
  readonly cordon?: readonly string[];
  readonly lose?: readonly string[];
  readonly add?: readonly string[];
  readonly output?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly featureGates?: string;
  readonly plugins?: readonly string[];
  readonly color?: boolean;
}

const EXAMPLES = `
Examples:
  flotilla plan -f policy.yaml -f deployment.yaml     # what applying them would move, and what members would get
  flotilla plan --cordon member1                      # nothing new goes there
  flotilla plan --lose member1                        # it is gone for good
  flotilla plan --add member4=member1                 # one more, empty, like member1
  flotilla plan --add cluster.yaml -o yaml            # a Cluster with its status`;

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, ...value.split(',')];

export function addPlan(program: Command, description: string): void {
  program
    .command('plan')
    .description(description)
    .option('-f, --filename <file...>', 'files or folders of policies, workloads, overrides, anything that kubectl apply takes')
    .option('-n, --namespace <name>', 'where objects without a namespace go', 'default')
    .option('--cordon <name>', 'keep new workloads out of this cluster', collect)
    .option('--lose <name>', 'this cluster is deleted, or lost for good', collect)
    .option('--add <file or name[=like]>', 'a new cluster: a file with a Cluster and its status, or a name of one like another', collect)
    .option('-o, --output <format>', 'json or yaml: the whole plan with all manifests')
    .option('--feature-gates <gates>', 'as the control plane runs: Name=true,Other=false')
    .option('--plugins <list>', 'scheduler plugins, as the control plane runs (default: *)', (v: string) => v.split(','))
    .option('--kubeconfig <file>', 'kubeconfig of the control plane (default: $KUBECONFIG)')
    .option('--context <name>', 'context in the kubeconfig')
    .option('--no-color', 'do not paint')
    .addHelpText('after', EXAMPLES)
    .action((options: PlanCommandOptions) => plan(options));
}

async function plan(o: PlanCommandOptions): Promise<void> {
  if (o.output !== undefined && o.output !== 'json' && o.output !== 'yaml') throw new Error(`-o ${o.output}: write json or yaml`);
  const change = changeOf(o);
  if ([change.apply, change.add, change.cordon, change.lose].every(list => list.length === 0))
    throw new Error('nothing to plan: give -f, --cordon, --lose or --add');
  const { client } = await clientFrom({ file: o.kubeconfig, context: o.context }, 'flotilla-plan');
  try {
    const { resources } = await discoverOver(client)(new AbortController().signal);
    const { makePlan } = await import('./plan/plan.ts');
    const made = await makePlan(
      {
        client,
        resources: resources.filter(r => r.preferred && r.verbs.includes('list')).map(r => r.resource),
        gates: o.featureGates ? parseGates(o.featureGates) : {},
        flags: o.plugins ? { plugins: o.plugins } : {},
        nowMs: systemClock.now(),
      },
      change,
    );
    console.log(await written(made, o));
  } finally {
    await client.close();
  }
}

function changeOf(o: PlanCommandOptions): PlannedChange {
  const apply = readManifests(o.filename ?? []).map(({ object }) =>
    object.metadata.namespace ? object : { ...object, metadata: { ...object.metadata, namespace: o.namespace } },
  );
  return { apply, cordon: o.cordon ?? [], lose: o.lose ?? [], add: (o.add ?? []).flatMap(addedClusters) };
}

/** A path has a slash or an ending; a name has neither. */
function addedClusters(text: string): AddedCluster[] {
  if (/[\\/]|\.(?:ya?ml|json)$/.test(text)) {
    return readManifests([text]).map(({ source, object }) => {
      if (object.kind !== 'Cluster') throw new Error(`${source}: ${object.kind} is no Cluster`);
      return { object };
    });
  }
  const [name = '', like] = text.split('=');
  return [{ name, ...(like ? { like } : {}) }];
}

async function written(made: Plan, o: PlanCommandOptions): Promise<string> {
  const { masked, planText } = await import('./plan/text.ts');
  const hidden: Plan = {
    ...made,
    manifests: made.manifests.map(m => ({
      ...m,
      ...(m.before?.kind === 'Secret' ? { before: masked(m.before) } : {}),
      ...(m.after?.kind === 'Secret' ? { after: masked(m.after) } : {}),
    })),
  };
  if (o.output === 'json') return JSON.stringify(hidden, undefined, 2);
  if (o.output === 'yaml') return stringify(hidden, { aliasDuplicateObjects: false }).trimEnd();
  return planText(hidden, { color: o.color !== false && process.stdout.isTTY === true && !process.env['NO_COLOR'] });
}
