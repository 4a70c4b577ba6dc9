// Events are stored once and served in two groups. The newer group (events.k8s.io) spells the same facts in other words; what an
// old-style event says there is kept in fields named deprecated….
import type { AnyObject } from '../../kube/index.ts';

/** [older name, newer name] of the fields that are spelt differently. */
const SPELLINGS: readonly (readonly [string, string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
];

const toNewer: ReadonlyMap<string, string> = new Map(SPELLINGS);
const toOlder: ReadonlyMap<string, string> = new Map(SPELLINGS.map(([older, newer]) => [newer, older]));

function respelt(event: AnyObject, apiVersion: string, names: ReadonlyMap<string, string>): AnyObject {
  const entries = Object.entries(event).map(([key, value]) => [names.get(key) ?? key, value]);
  return { ...(Object.fromEntries(entries) as AnyObject), apiVersion };
}

/** The view of events.k8s.io/v1 on events of the core group. */
export const eventConversion = {
  fromStored: (event: AnyObject): AnyObject => respelt(event, 'events.k8s.io/v1', toNewer),
  toStored: (event: AnyObject): AnyObject => respelt(event, 'v1', toOlder),
};
