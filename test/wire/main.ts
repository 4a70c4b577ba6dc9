// npm run wire [-- --only GLOB --seconds N --jobs N --show N --raise]
import { parseArgs } from 'node:util';
import { type Logger, silent } from '../../kube/index.ts';
import { raiseFloor } from './floor.ts';
import { type Difference, replay, replayer } from './replay.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '*' },
    seconds: { type: 'string', default: '600' },
    jobs: { type: 'string', default: '4' },
    show: { type: 'string', default: '1000' },
    raise: { type: 'boolean', default: false },
  },
});

/** What goes wrong inside the server is worth seeing here. */
const onStderr: Logger = { ...silent, error: (data, message) => console.error(message ?? '', data) };

const short = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 300);

function line(d: Difference): string {
  const first = d.found.slice(0, 3).map(f => `${f.where} expected ${short(f.want)} got ${short(f.got)}`);
  const more = d.found.length > 3 ? ` (+${d.found.length - 3} more)` : '';
  return `${d.group}/${d.scenario} #${d.step} ${d.do.slice(0, 120)}: ${first.join(' | ')}${more}`;
}

if (!replayer()) {
  console.log('no recordings on this machine: set FLOTILLA_VECTORS to their folder');
} else {
  const done = await replay({ only: values.only, seconds: Number(values.seconds), jobs: Number(values.jobs), log: onStderr });
  for (const d of done.differences.slice(0, Number(values.show))) console.log(line(d));
  for (const [group, n] of Object.entries(done.groups).sort()) console.log(`${group.padEnd(24)} ${n.agreed} / ${n.steps}`);
  console.log(`steps agreed / total     ${done.agreed} / ${done.steps}`);
  if (values.raise) raiseFloor(done.groups);
}
process.exit(0);
