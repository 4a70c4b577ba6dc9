// Kyverno policies.
import { isObject } from '../../kube/index.ts';
import { isReady, uniteConditions } from './flux.ts';
import type { CatalogueRules } from './rules.ts';
import { type Fields, need, numberOf, pick, statusesOf } from './values.ts';

const COUNTS = ['validate', 'generate', 'mutate', 'verifyimages'];

/** ClusterPolicy and Policy */
export const policy: CatalogueRules = {
  aggregate(object, list) {
    if (!list) return object;
    const rulecount: Fields = Object.fromEntries(COUNTS.map(count => [count, 0]));
    const status: Fields = { rulecount, conditions: uniteConditions(list) };
    for (const member of statusesOf(list)) {
      if ((member['autogen'] ?? undefined) !== undefined) status['autogen'] = member['autogen'];
      if ((member['ready'] ?? undefined) !== undefined) status['ready'] = member['ready'];
      const counts = member['rulecount'];
      if ((counts ?? undefined) === undefined) continue;
      for (const count of COUNTS)
        rulecount[count] = numberOf(rulecount[count], count) + numberOf(need(counts, count), `rulecount.${count}`);
    }
    return { ...object, status };
  },
  reflect: ({ status }) => (isObject(status) ? pick(status, ['autogen', 'conditions', 'ready', 'rulecount']) : {}),
  health(observed) {
    const { status } = observed;
    if (isObject(status) && typeof status['ready'] === 'boolean') return status['ready'];
    return isReady(observed, ['Succeeded']);
  },
};
