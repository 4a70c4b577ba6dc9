// `flotilla cluster resume`: an administrator's word that a control plane restored from a backup may write to a member again.
import type { Command } from 'commander';
import { HELD_ANNOTATION, RESUME_ANNOTATION } from '../controllers/index.ts';
import { clusters } from '../crds/index.ts';
import { getOrUndefined } from '../kube/index.ts';
import { homeAt } from './home.ts';
import { clientFrom } from './kubeconfig-client.ts';
import { packageVersion } from './version.ts';

interface ResumeOptions {
  readonly home?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
}

export function addCluster(program: Command, description: string): void {
  program
    .command('cluster')
    .description(description)
    .command('resume')
    .argument('<name>', 'name of the member cluster')
    .description('let a control plane that was restored from a backup write to a member that knows more than it does')
    .option('--home <dir>', "the control plane's home (default: ~/.flotilla)")
    .option('--kubeconfig <file>', 'kubeconfig of the control plane (default: karmada.config in the home)')
    .option('--context <name>', 'its context (default: the current one)')
    .addHelpText(
      'after',
      '\nWhile a member is held, its Cluster has condition Synchronized=False and nothing is written there. Compare the objects of the member with\nthose of the control plane first: what the restored control plane does not know may be changed back or removed.',
    )
    .action(resume);
}

async function resume(name: string, o: ResumeOptions): Promise<void> {
  const { client } = await clientFrom(
    { file: o.kubeconfig ?? homeAt(o.home).kubeconfig, context: o.context },
    `flotilla/${packageVersion()}`,
  );
  try {
    const cluster = await getOrUndefined(client, clusters, { name });
    if (!cluster) throw new Error(`there is no cluster ${name}: kubectl get clusters lists them`);
    const held = cluster.metadata.annotations?.[HELD_ANNOTATION];
    if (held === undefined) {
      console.log(`cluster(${name}) is not held: there is nothing to resume`);
      return;
    }
    await client.patch(clusters, { name }, { type: 'merge', body: { metadata: { annotations: { [RESUME_ANNOTATION]: held } } } });
    console.log(`cluster(${name}) is resumed from revision ${held}`);
  } finally {
    await client.close();
  }
}
