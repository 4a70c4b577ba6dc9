// AGE cells.
import { equal, humanAge, shortAge } from '../../../../kube/index.ts';
import { agree, differ, type Suite } from '../../suite.ts';

export const suite: Suite = {
  check(c) {
    const ms = c.in['milliseconds'] as number;
    const got = { human: humanAge(ms), short: shortAge(ms) };
    return equal(got, c.out) ? agree : differ(got, c.out);
  },
};
