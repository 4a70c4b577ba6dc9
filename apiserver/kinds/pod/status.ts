// The status of a pod: its addresses, and what a write of /status may say.
import { parseAddress, validateAddressLegacy } from '../../../kube/index.ts';
import type { MutableObject } from '../../admission/plugin.ts';
import { child, forbiddenField, IMMUTABLE, index, invalidValue, texts } from '../checks.ts';
import { dnsSubdomain } from '../names.ts';
import { type Faults, has, inside, items, number, type Obj, optional, sub, text } from '../read.ts';

/** podIP and the first of podIPs are one; where they differ podIP counts. */
export function pairPodAddresses(pod: MutableObject): void {
  const status = inside(pod, 'status');
  if (!status) return;
  const [ip, list] = [text(status, 'podIP'), items(status, 'podIPs')];
  if (ip !== '' && (list.length === 0 || text(list[0] ?? {}, 'ip') !== ip)) status['podIPs'] = [{ ip }];
  else if (ip === '' && list[0]) status['podIP'] = text(list[0], 'ip');
}

export function podStatusChanges(faults: Faults, o: Obj, old: Obj): void {
  const [status, was] = [sub(o, 'status'), sub(old, 'status')];
  const nominated = text(status, 'nominatedNodeName');
  if (nominated !== text(was, 'nominatedNodeName') && nominated !== '') {
    texts(faults, 'status.nominatedNodeName', nominated, dnsSubdomain(nominated));
    if (text(sub(o, 'spec'), 'nodeName') !== '')
      faults.push(forbiddenField('status.nominatedNodeName', 'may not be set on pods that are already bound to a node'));
  }
  if (text(status, 'qosClass') !== text(was, 'qosClass')) faults.push(invalidValue('status.qosClass', text(status, 'qosClass'), IMMUTABLE));
  containerTransitions(faults, o, old);
  for (const key of ['podIPs', 'hostIPs']) addresses(faults, `status.${key}`, items(status, key));
}

/** A container that ended for good stays ended. */
function containerTransitions(faults: Faults, o: Obj, old: Obj): void {
  const policy = text(sub(o, 'spec'), 'restartPolicy');
  if (policy === 'Always') return;
  const now = items(sub(o, 'status'), 'containerStatuses');
  items(sub(old, 'status'), 'containerStatuses').forEach((before, i) => {
    const ended = optional(sub(before, 'state'), 'terminated');
    if (!ended || (policy === 'OnFailure' && number(ended, 'exitCode') !== 0)) return;
    const after = now.find(c => text(c, 'name') === text(before, 'name'));
    if (after && !has(sub(after, 'state'), 'terminated'))
      faults.push(forbiddenField(child(index('status.containerStatuses', i), 'state'), 'may not be transitioned to non-terminated state'));
  });
}

function addresses(faults: Faults, path: string, list: readonly Obj[]): void {
  list.forEach((entry, i) => {
    faults.push(...validateAddressLegacy(text(entry, 'ip'), index(path, i)));
  });
  const ips = list.map(entry => text(entry, 'ip'));
  const families = new Set(ips.filter(ip => parseAddress(ip)).map(ip => ip.includes(':')));
  if (ips.length > 1 && (ips.length > 2 || families.size < 2))
    faults.push(invalidValue(path, ips, 'may specify no more than one IP for each IP family'));
}
