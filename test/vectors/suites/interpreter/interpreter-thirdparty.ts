// The catalogue of custom resources against its recordings.
import { thirdpartyLayer } from '../../../../interpreter/index.ts';
import type { AnyObject } from '../../../../kube/index.ts';
import type { Suite } from '../../suite.ts';
import { judge, perform } from './perform.ts';

/** Results that are typed on their way out. */
const TYPED = new Set(['GetReplicas', 'GetComponents', 'GetDependencies']);

export const suite: Suite = {
  check(c) {
    const { op, object } = c.in as { op: string; object: AnyObject };
    return judge(c, () => perform(thirdpartyLayer.interpreterFor(object.apiVersion, object.kind), c.in), { loose: TYPED.has(op) });
  },
};
