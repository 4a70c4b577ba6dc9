// A process of its own for one or more members of a benchmark: their names are its arguments, their addresses its only message.
import { systemClock } from '../../../kube/index.ts';
import { type MemberAccess, memberCluster } from '../../../members/index.ts';

export interface MemberAddress {
  readonly name: string;
  readonly access: MemberAccess;
}

const signal = new AbortController().signal;
const addresses: MemberAddress[] = [];
for (const name of process.argv.slice(2)) {
  const member = await memberCluster({ name, clock: systemClock });
  member.run(signal).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
  await member.ready;
  addresses.push({ name, access: await member.listen({ host: '127.0.0.1', port: 0 }) });
}
process.send?.(addresses);
process.once('disconnect', () => process.exit(0));
