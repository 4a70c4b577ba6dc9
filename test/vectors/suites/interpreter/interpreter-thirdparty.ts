// The catalogue of custom resources against its recordings.
import { thirdpartyLayer } from '../../../../interpreter/index.ts';
import { type AnyObject, simulatedClock, timestamp } from '../../../../kube/index.ts';
import type { Suite } from '../../suite.ts';
import { judge, perform } from './perform.ts';

const clock = simulatedClock();
const layer = thirdpartyLayer(clock);

/** Results that are typed on their way out. */
const TYPED = new Set(['GetReplicas', 'GetComponents', 'GetDependencies']);

export const suite: Suite = {
  check(c) {
    const { op, object } = c.in as { op: string; object: AnyObject };
    return judge(c, () => perform(layer.interpreterFor(object.apiVersion, object.kind), c.in), {
      loose: TYPED.has(op),
      now: timestamp(clock.now()),
    });
  },
};
