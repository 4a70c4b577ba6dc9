import { LuaPool } from '../../../../interpreter/index.ts';
import { equal, isObject, listOf, objectOf, stringOf, systemClock } from '../../../../kube/index.ts';
import { type Verdict as Answer, joinErrors, luaCompiler, prepareCluster, ruleAt, validateCluster } from '../../../../webhook/index.ts';
import { agree, differ, type Suite } from '../../suite.ts';
import { contextOf, requestOf } from './request.ts';

type Fields = Record<string, unknown>;

function plain(answer: Answer): Fields {
  if (!answer.allowed) return { ...answer };
  const updates = answer.quotaUpdates?.map(u => ({ name: u.quota.metadata.name, overallUsed: u.overallUsed }));
  return { allowed: true, ...(updates ? { quotaUpdates: updates } : {}) };
}

/** Faults inside brackets in a fixed order: the reference walks maps. */
function sorted(message: string): string {
  if (!message.startsWith('[')) return message;
  return message
    .slice(1, -1)
    .split(/, (?=(?:spec|status|metadata|webhooks)[.[])/)
    .sort()
    .join(', ');
}

/** The dry-run flag of a quota update is that of the request. */
function comparable(value: unknown): Fields {
  const { message, quotaUpdates, ...rest } = objectOf(value);
  const updates = listOf(quotaUpdates).map(u => ({ name: objectOf(u)['name'], overallUsed: objectOf(u)['overallUsed'] }));
  return { ...rest, ...(message === undefined ? {} : { message: luaClass(sorted(stringOf(message))) }), quotaUpdates: updates };
}

/** The reference writes the usage of a binding before it looks at the components, which it then refuses. */
function agreesButForUsage(outcome: Fields, got: Fields): boolean {
  return outcome['allowed'] === false && equal(comparable({ ...outcome, quotaUpdates: [] }), comparable(got));
}

/** Texts of the Lua parser are counted by class. */
const luaClass = (message: string): string => message.replace(/(Lua script error: )[\s\S]*/, '$1');

const pool = new LuaPool(systemClock);

export const suite: Suite = {
  async check(c) {
    const webhook = stringOf(c.in['webhook']);
    const request = requestOf(c.in);
    let got: Fields;
    if (webhook === 'validate-cluster') {
      const object = prepareCluster(
        request,
        contextOf(c.in, async () => undefined),
      );
      const errors = validateCluster({ ...request, object });
      got = errors.length ? { allowed: false, message: joinErrors(errors) } : { allowed: true };
    } else {
      const rule = ruleAt(`/${webhook}`);
      const context = contextOf(c.in, luaCompiler(pool));
      const answer = await rule?.validate?.(request, context, new AbortController().signal);
      got = answer ? plain(answer) : {};
    }
    const outcomes = [c.out, ...listOf(c['alt'])].filter(isObject);
    if (outcomes.some(o => equal(comparable(o), comparable(got)))) return agree;
    return differ(
      got,
      c.out,
      outcomes.some(o => agreesButForUsage(o, got)) ? 'the reference counts the usage of a binding it refuses' : undefined,
    );
  },
  teardown() {
    pool.close();
  },
};
