// Event, in both groups: one thing with two spellings. Rules of the newer group are strict; the older one's are historic.
import { equal, qualifiedName } from '../../kube/index.ts';
import { IMMUTABLE, invalidValue, required, texts } from './checks.ts';
import type { KindDefinition } from './define.ts';
import { printGo } from './go-print.ts';
import { type MetadataRules, metadata, metadataUpdate } from './metadata.ts';
import { dnsSubdomain } from './names.ts';
import { type Faults, has, number, type Obj, optional, sub, text } from './read.ts';

/** The same fields under the names of each group. */
interface Spelling {
  readonly involved: string;
  readonly controller: string;
  readonly message: string;
}

const CORE: Spelling = { involved: 'involvedObject', controller: 'reportingComponent', message: 'message' };
const EVENTS: Spelling = { involved: 'regarding', controller: 'reportingController', message: 'note' };

const MAX_FIELD = 128;
const MAX_NOTE = 1024;

/** What both groups ask; more of events that have an eventTime. */
function common(faults: Faults, o: Obj, s: Spelling): void {
  const namespace = text(sub(o, 'metadata'), 'namespace');
  const involved = text(sub(o, s.involved), 'namespace');
  if (!has(o, 'eventTime')) {
    const agrees = involved === '' ? namespace === '' || namespace === 'default' : involved === namespace;
    if (!agrees) faults.push(invalidValue('involvedObject.namespace', involved, 'does not match event.namespace'));
  } else {
    if (involved === '' && namespace !== 'default' && namespace !== 'kube-system')
      faults.push(invalidValue('involvedObject.namespace', involved, 'does not match event.namespace'));
    reporting(faults, o, s);
  }
  texts(faults, 'namespace', namespace, dnsSubdomain(namespace));
}

function reporting(faults: Faults, o: Obj, s: Spelling): void {
  const controller = text(o, s.controller);
  if (controller === '') faults.push(required(s.controller));
  texts(faults, s.controller, controller, qualifiedName(controller));
  for (const key of ['reportingInstance', 'action', 'reason']) {
    const value = text(o, key);
    if (value === '') faults.push(required(key));
    if (value.length > MAX_FIELD) faults.push(invalidValue(key, '', `can have at most ${MAX_FIELD} characters`));
  }
  if (text(o, s.message).length > MAX_NOTE) faults.push(invalidValue('message', '', `can have at most ${MAX_NOTE} characters`));
}

const METADATA: MetadataRules = { name: 'subdomain', scope: 'Namespaced', standardFinalizers: false };

/** Rules of a new event of the newer group. */
function strict(faults: Faults, o: Obj): void {
  common(faults, o, EVENTS);
  metadata(faults, o, METADATA);
  series(faults, o);
  if (!has(o, 'eventTime')) faults.push(required('eventTime'));
  const type = text(o, 'type');
  if (type !== 'Normal' && type !== 'Warning') faults.push(invalidValue('type', '', `has invalid value: ${type}`));
  for (const [path, key] of DEPRECATED) if (has(o, key)) faults.push(invalidValue(path, '', 'needs to be unset'));
  const source = sub(o, 'deprecatedSource');
  for (const key of ['component', 'host']) if (text(source, key) !== '') faults.push(invalidValue('source', '', 'needs to be unset'));
}

const DEPRECATED = [
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
] as const;

function series(faults: Faults, o: Obj): void {
  const given = optional(o, 'series');
  if (!given) return;
  if (number(given, 'count') < 2) faults.push(invalidValue('series.count', '', 'should be at least 2'));
  if (!has(given, 'lastObservedTime')) faults.push(required('series.lastObservedTime'));
}

/** Everything but the series stays as it was. */
function changes(faults: Faults, o: Obj, old: Obj): void {
  common(faults, o, EVENTS);
  metadataUpdate(faults, o, old);
  if (!equal(o['series'] ?? null, old['series'] ?? null)) series(faults, o);
  const same = (path: string, now: unknown, before: unknown, shown: unknown = now ?? null): void => {
    if (!equal(now ?? null, before ?? null)) faults.push(invalidValue(path, shown, IMMUTABLE));
  };
  same('involvedObject', sub(o, 'regarding'), sub(old, 'regarding'), printGo('ObjectReference', sub(o, 'regarding')));
  same('reason', text(o, 'reason'), text(old, 'reason'));
  same('message', text(o, 'note'), text(old, 'note'));
  same('source', o['deprecatedSource'], old['deprecatedSource']);
  same('firstTimestamp', o['deprecatedFirstTimestamp'], old['deprecatedFirstTimestamp']);
  same('lastTimestamp', o['deprecatedLastTimestamp'], old['deprecatedLastTimestamp']);
  same('count', o['deprecatedCount'] ?? 0, old['deprecatedCount'] ?? 0);
  same('reason', text(o, 'reason'), text(old, 'reason'));
  same('type', text(o, 'type'), text(old, 'type'));
  if (!sameMicroTime(o['eventTime'], old['eventTime'])) faults.push(invalidValue('eventTime', o['eventTime'] ?? null, IMMUTABLE));
  same('action', text(o, 'action'), text(old, 'action'));
  same('related', o['related'], old['related'], has(o, 'related') ? printGo('ObjectReference', sub(o, 'related')) : null);
  same('reportingController', text(o, 'reportingController'), text(old, 'reportingController'));
  same('reportingInstance', text(o, 'reportingInstance'), text(old, 'reportingInstance'));
}

const sameMicroTime = (a: unknown, b: unknown): boolean => (a ?? null) === (b ?? null);

export const event: KindDefinition = {
  scope: 'Namespaced',
  metadataPlace: 'last',
  createOnUpdate: true,
  anyFinalizer: true,
  update: ['spec'],
  spec: (faults, o) => common(faults, o, CORE),
};

export const eventsEvent: KindDefinition = {
  scope: 'Namespaced',
  metadataPlace: 'inside',
  createOnUpdate: true,
  anyFinalizer: true,
  faultGroup: '',
  update: ['changes'],
  spec: strict,
  changes,
};
