// What is sent to a member that has the object already.
import { isManaged, isUpToDate, mayUpdate, objectToSend } from '../../../../controllers/index.ts';
import { nativeLayer } from '../../../../interpreter/index.ts';
import { type AnyObject, systemClock } from '../../../../kube/index.ts';
import { agree, differ, type Suite } from '../../suite.ts';
import { compareLoose } from './compare.ts';

const interpreters = nativeLayer(systemClock);

export const suite: Suite = {
  async check(c) {
    const expected = c.out as { panic?: boolean; error?: string; equal?: boolean };
    if (expected.panic) return undefined;
    const { manifest, member } = c.in as unknown as { manifest: AnyObject; member: AnyObject };
    const verdict = { managed: isManaged(member), allowed: mayUpdate(manifest, member) };
    try {
      const object = await objectToSend(manifest, member, interpreters);
      const got = { ...verdict, object, equal: isUpToDate(object, member) };
      const verdictOfAll = compareLoose(got, c.out);
      const needless = manifest.kind === 'ServiceAccount' && got.equal && expected.equal === false;
      return needless && compareLoose({ ...got, equal: false }, c.out).agreed
        ? differ(got, c.out, 'the reference writes an unchanged ServiceAccount')
        : verdictOfAll;
    } catch (error) {
      return expected.error === undefined ? differ(String(error), c.out) : agree;
    }
  },
};
