// The native layer against its recordings. Results that passed through typed structures are compared loosely.
import { nativeLayer, pruneIrrelevantFields } from '../../../../interpreter/index.ts';
import { type AnyObject, simulatedClock, timestamp } from '../../../../kube/index.ts';
import type { Suite } from '../../suite.ts';
import { judge, perform } from './perform.ts';

const clock = simulatedClock();
const layer = nativeLayer(clock);

export const suite: Suite = {
  async check(c) {
    const { op, object } = c.in as { op: string; object: AnyObject };
    if (op === 'Prune') return judge(c, async () => ({ object: pruneIrrelevantFields(object) }), { loose: true });
    return judge(c, () => perform(layer.interpreterFor(object.apiVersion, object.kind), c.in), {
      loose: true,
      now: timestamp(clock.now()),
    });
  },
};
