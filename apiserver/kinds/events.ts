// Event, in both groups: one thing with two spellings. Rules of the newer group are strict; the older one's are historic.
import { equal, qualifiedName } from '../../kube/index.ts';
import { IMMUTABLE, invalidValue, required, texts } from './checks.ts';
import type { KindDefinition } from './define.ts';
import { printGo } from './go-print.ts';
import { type Faults, has, number, type Obj, optional, sub, text } from './read.ts';

interface Spelling {
  readonly involved: string;
  readonly controller: string;
  readonly message: string;
}

const CORE: Spelling = {
  involved: 'involvedObject',
  controller: 'reportingComponent',
  message: 'message',
};
const EVENTS: Spelling = {
  involved: 'regarding',
  controller: 'reportingController',
  message: 'note',
};

const MAX_FIELD = 128;
const MAX_NOTE = 1024;

function legacy(faults: Faults, o: Obj, s: Spelling): void {
  const namespace = text(sub(o, 'metadata'), 'namespace');
  const involved = text(sub(o, s.involved), 'namespace');
  if (involved === '') {
    if (namespace !== '' && namespace !== 'default')
      faults.push(invalidValue('involvedObject.namespace', involved, 'does not match event.namespace'));
  } else if (involved !== namespace) {
    faults.push(invalidValue('involvedObject.namespace', involved, 'does not match event.namespace'));
  }
}

function strict(faults: Faults, o: Obj, s: Spelling): void {
  if (text(sub(o, s.involved), 'namespace') === '' || !has(o, 'eventTime')) legacy(faults, o, s);
  if (!has(o, 'eventTime')) faults.push(required('eventTime'));
  const type = text(o, 'type');
  controller(faults, 'reportingController', text(o, s.controller));
  for (const key of ['reportingInstance', 'action', 'reason']) {
    const value = text(o, key);
    if (value === '') faults.push(required(key));
    if (value.length > MAX_FIELD) faults.push(invalidValue(key, '', `can have at most ${MAX_FIELD} characters`));
  }
  if (text(o, s.message).length > MAX_NOTE) faults.push(invalidValue('message', '', `can have at most ${MAX_NOTE} characters`));
  if (type !== 'Normal' && type !== 'Warning') faults.push(invalidValue('type', '', `has invalid value: ${type}`));
  const series = optional(o, 'series');
  if (!series) return;
  if (number(series, 'count') < 2) faults.push(invalidValue('series.count', '', 'should be at least 2'));
  if (!has(series, 'lastObservedTime')) faults.push(required('series.lastObservedTime'));
}

function controller(faults: Faults, path: string, value: string): void {
  if (value === '') faults.push(required(path));
  texts(faults, path, value, qualifiedName(value));
}

function coreRules(faults: Faults, o: Obj): void {
  if (!has(o, 'eventTime')) {
    legacy(faults, o, CORE);
    return;
  }
  legacy(faults, o, CORE);
  controller(faults, 'reportingComponent', text(o, 'reportingComponent'));
  for (const key of ['reportingInstance', 'action', 'reason']) {
    const value = text(o, key);
    if (value === '') faults.push(required(key));
    if (value.length > MAX_FIELD) faults.push(invalidValue(key, '', `can have at most ${MAX_FIELD} characters`));
  }
  if (text(o, 'message').length > MAX_NOTE) faults.push(invalidValue('message', '', `can have at most ${MAX_NOTE} characters`));
}

/** Everything but the series stays as it was. */
function changes(faults: Faults, o: Obj, old: Obj): void {
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
  same('related', o['related'], old['related']);
  same('reportingController', text(o, 'reportingController'), text(old, 'reportingController'));
  same('reportingInstance', text(o, 'reportingInstance'), text(old, 'reportingInstance'));
}

const sameMicroTime = (a: unknown, b: unknown): boolean => (a ?? null) === (b ?? null);

export const event: KindDefinition = {
  scope: 'Namespaced',
  name: 'segment',
  createOnUpdate: true,
  anyFinalizer: true,
  update: ['spec'],
  spec: coreRules,
};

export const eventsEvent: KindDefinition = {
  scope: 'Namespaced',
  name: 'subdomain',
  specFirst: true,
  createOnUpdate: true,
  anyFinalizer: true,
  faultGroup: '',
  update: ['meta', 'changes'],
  spec: (faults, o) => strict(faults, o, EVENTS),
  changes,
};
