// Failures by a switch: a whole embedded member stops answering, or one node of it stops working, until it is switched on again.
// The state of a member lies in <home>/members/<name>.power; SIGUSR2 makes its process look there, and it looks when it starts.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { errorText, type Logger, resource } from '../kube/index.ts';
import type { Member } from '../members/index.ts';
import { type Home, homeAt } from './home.ts';
import { clientFrom } from './kubeconfig-client.ts';

type State = 'on' | 'off';

const SIGNAL = 'SIGUSR2';
const NODES = resource({ group: '', version: 'v1', kind: 'Node', plural: 'nodes', scope: 'Cluster' });

const fileOf = (home: Home, member: string): string => join(home.members, `${member}.power`);

/** Keeps the member as its file says, from now on. */
export function followPower(home: Home, o: { readonly member: Member; readonly log: Logger }): { stop(): void } {
  const look = (): void => {
    const state: State = existsSync(fileOf(home, o.member.name)) ? 'off' : 'on';
    o.log.info({ state }, 'power');
    o.member.power(state).catch((error: unknown) => o.log.error({ state, err: errorText(error) }, 'power was not switched'));
  };
  if (existsSync(fileOf(home, o.member.name))) look();
  process.on(SIGNAL, look);
  return { stop: () => void process.removeListener(SIGNAL, look) };
}

interface PowerOptions {
  readonly home?: string;
  readonly node?: string;
}

export function addPower(program: Command, description: string): void {
  program
    .command('power')
    .description(description)
    .argument('<member>', 'name of the embedded member')
    .argument('<state>', 'on or off', stateOf)
    .option('--node <name>', 'switch only this node of it')
    .option('--home <dir>', 'home of the member (default: ~/.flotilla)')
    .action((member: string, state: State, o: PowerOptions) =>
      power(homeAt(o.home), { member, state, ...(o.node ? { node: o.node } : {}) }),
    );
}

async function power(home: Home, o: { readonly member: string; readonly state: State; readonly node?: string }): Promise<void> {
  if (o.node !== undefined) return powerNode(home, { ...o, node: o.node });
  const pid = join(home.pids, `${o.member}.pid`);
  if (!existsSync(pid))
    throw new Error(`member ${o.member} does not run from ${home.dir}: start it with flotilla member --name ${o.member}`);
  if (o.state === 'off') writeFileSync(fileOf(home, o.member), 'off\n', { mode: 0o600 });
  else rmSync(fileOf(home, o.member), { force: true });
  process.kill(Number(readFileSync(pid, 'utf8')), SIGNAL);
  console.log(`member ${o.member} is switched ${o.state}`);
}

/** A node is switched by an annotation, so kubectl can do it as well. */
async function powerNode(home: Home, o: { readonly member: string; readonly node: string; readonly state: State }): Promise<void> {
  const { POWER_ANNOTATION } = await import('../members/index.ts');
  const { client } = await clientFrom({ file: home.membersConfig, context: o.member }, 'flotilla-power');
  const annotations = { [POWER_ANNOTATION]: o.state === 'off' ? 'off' : null };
  await client.patch(NODES, { name: o.node }, { type: 'merge', body: { metadata: { annotations } } });
  console.log(`node ${o.node} of member ${o.member} is switched ${o.state}`);
}

function stateOf(text: string): State {
  if (text !== 'on' && text !== 'off') throw new InvalidArgumentError('on or off');
  return text;
}
