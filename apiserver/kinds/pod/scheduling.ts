// Rules of what steers scheduling: affinity, tolerations, spread constraints, gates.
import { labelValue, qualifiedName } from '../../../kube/index.ts';
import {
  child,
  duplicate,
  forbiddenField,
  index,
  invalidValue,
  label,
  labelSelector,
  notSupported,
  oneOf,
  required,
  texts,
} from '../checks.ts';
import { type Faults, has, items, number, type Obj, optional, strings, sub, text } from '../read.ts';

const RANGE = 'must be in the range 1-100';

/** spec.affinity */
export function affinity(faults: Faults, path: string, a: Obj | undefined): void {
  if (!a) return;
  const node = optional(a, 'nodeAffinity');
  if (node) nodeAffinity(faults, child(path, 'nodeAffinity'), node);
  for (const key of ['podAffinity', 'podAntiAffinity']) {
    const pod = optional(a, key);
    if (pod) podAffinity(faults, child(path, key), pod);
  }
}

function nodeAffinity(faults: Faults, path: string, node: Obj): void {
  const must = optional(node, 'requiredDuringSchedulingIgnoredDuringExecution');
  if (must) nodeSelector(faults, child(path, 'requiredDuringSchedulingIgnoredDuringExecution'), must);
  const preferred = child(path, 'preferredDuringSchedulingIgnoredDuringExecution');
  items(node, 'preferredDuringSchedulingIgnoredDuringExecution').forEach((term, i) => {
    const at = index(preferred, i);
    weight(faults, at, term);
    nodeSelectorTerm(faults, child(at, 'preference'), sub(term, 'preference'));
  });
}

function weight(faults: Faults, at: string, term: Obj): void {
  const w = number(term, 'weight');
  if (w <= 0 || w > 100) faults.push(invalidValue(child(at, 'weight'), w, RANGE));
}

/** A node selector: at least one term. */
export function nodeSelector(faults: Faults, path: string, selector: Obj): void {
  const terms = child(path, 'nodeSelectorTerms');
  const list = items(selector, 'nodeSelectorTerms');
  if (list.length === 0) faults.push(required(terms, 'must have at least one node selector term'));
  list.forEach((t, i) => {
    nodeSelectorTerm(faults, index(terms, i), t);
  });
}

function nodeSelectorTerm(faults: Faults, path: string, term: Obj): void {
  items(term, 'matchExpressions').forEach((r, i) => {
    nodeRequirement(faults, index(child(path, 'matchExpressions'), i), r);
  });
  items(term, 'matchFields').forEach((r, i) => {
    nodeFieldRequirement(faults, index(child(path, 'matchFields'), i), r);
  });
}

function nodeRequirement(faults: Faults, at: string, r: Obj): void {
  const operator = text(r, 'operator');
  const values = strings(r, 'values');
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) faults.push(required(child(at, 'values'), "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0)
      faults.push(forbiddenField(child(at, 'values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) faults.push(required(child(at, 'values'), "must be specified single value when `operator` is 'Lt' or 'Gt'"));
  } else faults.push(invalidValue(child(at, 'operator'), operator, 'not a valid selector operator'));
  texts(faults, child(at, 'key'), text(r, 'key'), qualifiedName(text(r, 'key')));
  values.forEach((v, i) => {
    texts(faults, index(child(at, 'values'), i), v, labelValue(v));
  });
}

function nodeFieldRequirement(faults: Faults, at: string, r: Obj): void {
  const operator = text(r, 'operator');
  if (operator === 'In' || operator === 'NotIn') {
    if (strings(r, 'values').length !== 1)
      faults.push(required(child(at, 'values'), "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"));
  } else faults.push(invalidValue(child(at, 'operator'), operator, 'not a valid selector operator'));
  if (text(r, 'key') !== 'metadata.name') faults.push(invalidValue(child(at, 'key'), text(r, 'key'), 'not a valid field selector key'));
}

function podAffinity(faults: Faults, path: string, a: Obj): void {
  const must = child(path, 'requiredDuringSchedulingIgnoredDuringExecution');
  items(a, 'requiredDuringSchedulingIgnoredDuringExecution').forEach((t, i) => {
    podAffinityTerm(faults, index(must, i), t);
  });
  const preferred = child(path, 'preferredDuringSchedulingIgnoredDuringExecution');
  items(a, 'preferredDuringSchedulingIgnoredDuringExecution').forEach((t, i) => {
    weight(faults, index(preferred, i), t);
    podAffinityTerm(faults, child(index(preferred, i), 'podAffinityTerm'), sub(t, 'podAffinityTerm'));
  });
}

function podAffinityTerm(faults: Faults, path: string, term: Obj): void {
  labelSelector(faults, child(path, 'labelSelector'), optional(term, 'labelSelector'));
  labelSelector(faults, child(path, 'namespaceSelector'), optional(term, 'namespaceSelector'));
  for (const name of strings(term, 'namespaces')) label(faults, child(path, 'namespace'), name);
  labelKeys(faults, path, term);
  const key = text(term, 'topologyKey');
  if (key === '') faults.push(required(child(path, 'topologyKey'), 'can not be empty'));
  texts(faults, child(path, 'topologyKey'), key, qualifiedName(key));
}

/** matchLabelKeys and mismatchLabelKeys go with a selector and may not repeat its keys. */
function labelKeys(faults: Faults, path: string, term: Obj): void {
  for (const list of ['matchLabelKeys', 'mismatchLabelKeys']) {
    const keys = strings(term, list);
    if (keys.length > 0 && !has(term, 'labelSelector'))
      faults.push(forbiddenField(child(path, list), 'must not be specified when labelSelector is not set'));
    keys.forEach((key, i) => {
      texts(faults, index(child(path, list), i), key, qualifiedName(key));
    });
  }
  const match = new Set(strings(term, 'matchLabelKeys'));
  strings(term, 'mismatchLabelKeys').forEach((key, i) => {
    if (match.has(key))
      faults.push(invalidValue(index(child(path, 'mismatchLabelKeys'), i), key, 'exists in both matchLabelKeys and mismatchLabelKeys'));
  });
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** An effect of a taint or toleration. */
export function taintEffect(faults: Faults, path: string, effect: string, allowEmpty: boolean): void {
  if (effect === '') {
    if (!allowEmpty) faults.push(required(path));
  } else if (!EFFECTS.includes(effect)) faults.push(notSupported(path, effect, EFFECTS));
}

/** A list of tolerations. */
export function tolerations(faults: Faults, path: string, list: readonly Obj[]): void {
  list.forEach((t, i) => {
    const at = index(path, i);
    toleration(faults, at, t);
  });
}

function toleration(faults: Faults, at: string, t: Obj): void {
  const key = text(t, 'key');
  const operator = text(t, 'operator');
  const value = text(t, 'value');
  const effect = text(t, 'effect');
  if (key !== '') texts(faults, child(at, 'key'), key, qualifiedName(key));
  if (key === '' && operator !== 'Exists')
    faults.push(
      invalidValue(
        child(at, 'operator'),
        operator,
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
    );
  if (has(t, 'tolerationSeconds') && effect !== 'NoExecute')
    faults.push(invalidValue(child(at, 'effect'), effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  if (operator === 'Equal' || operator === '') {
    const bad = labelValue(value);
    if (bad.length > 0) faults.push(invalidValue(child(at, 'operator'), value, bad.join(';')));
  } else if (operator === 'Exists') {
    if (value !== '') faults.push(invalidValue(child(at, 'operator'), value, "value must be empty when `operator` is 'Exists'"));
  } else faults.push(notSupported(child(at, 'operator'), operator, ['Equal', 'Exists']));
  taintEffect(faults, child(at, 'effect'), effect, true);
}

const UNSATISFIABLE = ['DoNotSchedule', 'ScheduleAnyway'];

/** spec.topologySpreadConstraints */
export function spreadConstraints(faults: Faults, path: string, spec: Obj): void {
  const pairs = items(spec, 'topologySpreadConstraints').map(c => `{${text(c, 'topologyKey')}, ${text(c, 'whenUnsatisfiable')}}`);
  items(spec, 'topologySpreadConstraints').forEach((c, i) => {
    const at = index(path, i);
    spreadConstraint(faults, at, c);
    const pair = pairs[i] ?? '';
    if (pairs.includes(pair, i + 1)) faults.push(duplicate(child(at, '{topologyKey, whenUnsatisfiable}'), pair));
  });
}

function spreadConstraint(faults: Faults, at: string, c: Obj): void {
  const skew = number(c, 'maxSkew');
  if (skew <= 0) faults.push(invalidValue(child(at, 'maxSkew'), skew, 'must be greater than zero'));
  const key = text(c, 'topologyKey');
  if (key === '') faults.push(required(child(at, 'topologyKey'), 'can not be empty'));
  else texts(faults, child(at, 'topologyKey'), key, qualifiedName(key));
  const when = text(c, 'whenUnsatisfiable');
  if (!UNSATISFIABLE.includes(when)) faults.push(notSupported(child(at, 'whenUnsatisfiable'), when, UNSATISFIABLE));
  minDomains(faults, child(at, 'minDomains'), c, when);
  for (const policy of ['nodeAffinityPolicy', 'nodeTaintsPolicy'])
    if (has(c, policy)) oneOf(faults, child(at, policy), text(c, policy), ['Honor', 'Ignore']);
  labelKeys(faults, at, c);
  matchLabelKeysInSelector(faults, at, c);
  labelSelector(faults, child(at, 'labelSelector'), optional(c, 'labelSelector'));
}

function matchLabelKeysInSelector(faults: Faults, at: string, c: Obj): void {
  const selector = sub(c, 'labelSelector');
  const used = new Set([...Object.keys(sub(selector, 'matchLabels')), ...items(selector, 'matchExpressions').map(e => text(e, 'key'))]);
  strings(c, 'matchLabelKeys').forEach((key, i) => {
    if (used.has(key))
      faults.push(invalidValue(index(child(at, 'matchLabelKeys'), i), key, 'exists in both matchLabelKeys and labelSelector'));
  });
}

function minDomains(faults: Faults, path: string, c: Obj, when: string): void {
  if (!has(c, 'minDomains')) return;
  const n = number(c, 'minDomains');
  if (n <= 0) faults.push(invalidValue(path, n, 'must be greater than zero'));
  if (when !== 'DoNotSchedule')
    faults.push(invalidValue(path, n, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${when}`));
}

/** spec.schedulingGates */
export function schedulingGates(faults: Faults, path: string, spec: Obj): void {
  const seen = new Set<string>();
  items(spec, 'schedulingGates').forEach((g, i) => {
    const name = text(g, 'name');
    const at = index(path, i);
    texts(faults, at, name, qualifiedName(name));
    if (seen.has(name)) faults.push(duplicate(at, name));
    seen.add(name);
  });
}
