// `flotilla explain`: why a binding is where it is, in a table for a person, or as a document.
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { bindingName, clusterResourceBindings, resourceBindings } from '../crds/index.ts';
import { type Client, isStatusError, type Resource } from '../kube/index.ts';
import { type Binding, type Explanation, explanationText } from '../scheduler/index.ts';
import { explanationPath } from './explanations.ts';
import { kindNamed } from './kind-names.ts';
import { clientFrom } from './kubeconfig-client.ts';

interface ExplainOptions {
  readonly namespace: string;
  readonly output?: 'json' | 'yaml';
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly color?: boolean;
  readonly scheduler?: string;
}

const EXAMPLES = `
Examples:
  flotilla explain deploy/nginx -n default        # by the template
  flotilla explain rb/nginx-deployment -n default # by the binding
  flotilla explain crb/reader-clusterrole -o yaml`;

export function addExplain(program: Command, description: string): void {
  program
    .command('explain')
    .description(description)
    .argument('<kind/name>', 'rb/NAME, crb/NAME, or a template as kind/name')
    .option('-n, --namespace <name>', 'where the binding or the template is', 'default')
    .option('-o, --output <format>', 'json or yaml: the whole record')
    .option('--kubeconfig <file>', 'kubeconfig of the control plane (default: $KUBECONFIG)')
    .option('--context <name>', 'context in the kubeconfig')
    .option('--scheduler <url>', 'health port of a scheduler that stands alone on this machine, as http://127.0.0.1:10351')
    .option('--no-color', 'do not paint')
    .addHelpText('after', EXAMPLES)
    .action((subject: string, options: ExplainOptions) => explain(subject, options));
}

async function explain(subject: string, o: ExplainOptions): Promise<void> {
  if (o.output !== undefined && o.output !== 'json' && o.output !== 'yaml') throw new Error(`-o ${o.output}: write json or yaml`);
  const { client } = await clientFrom({ file: o.kubeconfig, context: o.context }, 'flotilla-explain');
  try {
    const target = await bindingOf(client, subject, o.namespace);
    const found = o.scheduler ? await askScheduler(o.scheduler, target) : await explanationOf(client, target);
    console.log(written(found, o));
  } finally {
    await client.close();
  }
}

function written(found: Explanation, o: ExplainOptions): string {
  if (o.output === 'json') return JSON.stringify(found, undefined, 2);
  if (o.output === 'yaml') return stringify(found).trimEnd();
  const color = o.color !== false && process.stdout.isTTY === true && !process.env['NO_COLOR'];
  return explanationText(found, { color });
}

interface Target {
  readonly resource: Resource<Binding>;
  readonly key: { readonly namespace?: string; readonly name: string };
}

/** The binding that `kind/name` stands for. */
async function bindingOf(client: Awaited<ReturnType<typeof clientFrom>>['client'], subject: string, namespace: string): Promise<Target> {
  const [kind = '', name = '', ...rest] = subject.split('/');
  if (!kind || !name || rest.length > 0) throw new Error(`${subject}: write kind/name, as in deploy/nginx or rb/nginx-deployment`);
  const found = await kindNamed(client, kind);
  if (found.group === resourceBindings.group && found.kind === resourceBindings.kind)
    return { resource: resourceBindings, key: { namespace, name } };
  if (found.group === resourceBindings.group && found.kind === clusterResourceBindings.kind)
    return { resource: clusterResourceBindings, key: { name } };
  const binding = bindingName(found.kind, name);
  return found.namespaced
    ? { resource: resourceBindings, key: { namespace, name: binding } }
    : { resource: clusterResourceBindings, key: { name: binding } };
}

async function explanationOf(client: Client, { resource, key }: Target): Promise<Explanation> {
  try {
    return (await client.get(resource, key, { subresource: 'explanation' })) as unknown as Explanation;
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
    const where = key.namespace ? `${key.namespace}/${key.name}` : key.name;
    throw new Error(`there is no ${resource.kind} ${where}: no policy selects it yet, or this control plane does not explain`, {
      cause: error,
    });
  }
}

async function askScheduler(url: string, { resource, key }: Target): Promise<Explanation> {
  const { request } = await import('undici');
  const { statusCode, body } = await request(new URL(explanationPath(key), url));
  const text = await body.text();
  if (statusCode === 404) throw new Error(`the scheduler at ${url} knows no ${resource.kind} ${key.name}, or does not lead`);
  if (statusCode !== 200) throw new Error(`the scheduler at ${url} answered ${statusCode}: ${text.trim()}`);
  return JSON.parse(text) as Explanation;
}
