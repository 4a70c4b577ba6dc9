// A member cluster of a check's own: embedded, in a process of its own, joined to the server under test.
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './expect.ts';
import { Http } from './http.ts';
import { accessOf, ended, PROGRAM, type Running } from './server.ts';

export interface Member {
  /** Straight to it. */
  readonly http: Http;
  close(): Promise<void>;
}

/** Starts it and waits until the server has it Ready and lets through to it. */
export async function joinedMember(running: Running, name: string): Promise<Member> {
  const home = join(running.dir, name);
  const child = spawn(process.execPath, [PROGRAM, 'member', '--name', name, '--home', home, '--log-level', 'warn'], { stdio: 'ignore' });
  const kubeconfig = join(home, 'members.config');
  const http = await eventually('the member listens', async () => {
    try {
      const direct = new Http(accessOf(kubeconfig));
      return (await direct.send('GET', '/readyz')).status === 200 ? direct : undefined;
    } catch {
      return undefined;
    }
  });
  const joining = ['join', name, '--kubeconfig', running.kubeconfig, '--cluster-kubeconfig', kubeconfig, '--cluster-context', name];
  await promisify(execFile)(process.execPath, [PROGRAM, ...joining]);
  const path = `/apis/cluster.karmada.io/v1alpha1/clusters/${name}`;
  await eventually('the member is Ready', async () => {
    const { conditions = [] } = (await running.http.send('GET', path)).json.status ?? {};
    return conditions.some((c: { type: string; status: string }) => c.type === 'Ready' && c.status === 'True');
  });
  // What callers may do there follows the roles that a controller keeps in the member.
  await eventually(
    'the proxy lets through',
    async () => (await running.http.send('GET', `${path}/proxy/api/v1/namespaces`)).status === 200,
  );
  return {
    http,
    async close() {
      await running.http.send('DELETE', path);
      await eventually('the member has been let go', async () => (await running.http.send('GET', path)).status === 404);
      http.close();
      await ended(child);
    },
  };
}
