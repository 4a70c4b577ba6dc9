// What a list or a watch asks for, and whether it may be asked for: options first, then the fields that are selected by.
import { badRequest, type FieldError, type FieldSelector, field, invalid, type Selector } from '../../kube/index.ts';
import type { Served } from './served.ts';

export interface ListQuery {
  /** '' = all namespaces. */
  readonly namespace: string;
  readonly labels?: Selector;
  readonly fields?: FieldSelector;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly match?: string;
  readonly sendInitialEvents?: boolean;
}

const MATCH = 'resourceVersionMatch';

/** Refuses options that do not go together, and fields that the kind cannot be selected by. */
export function checkListQuery(s: Pick<Served, 'fields'>, q: ListQuery, verb: 'list' | 'watch'): void {
  const errors = verb === 'watch' ? watchFaults(q) : listFaults(q);
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions', name: '' }, errors);
  const refusal = q.fields && s.fields.refusal(q.fields);
  if (refusal) throw badRequest(refusal);
}

function listFaults(q: ListQuery): FieldError[] {
  const errors: FieldError[] = [];
  const { match } = q;
  if (match) {
    if (!q.resourceVersion) errors.push(field.forbiddenField(MATCH, `${MATCH} is forbidden unless resourceVersion is provided`));
    if (q.continue) errors.push(field.forbiddenField(MATCH, `${MATCH} is forbidden when continue is provided`));
    if (match !== 'Exact' && match !== 'NotOlderThan') errors.push(field.notSupported(MATCH, match, ['Exact', 'NotOlderThan', '']));
    if (match === 'Exact' && q.resourceVersion === '0')
      errors.push(field.forbiddenField(MATCH, `${MATCH} "exact" is forbidden for resourceVersion "0"`));
  }
  if (q.sendInitialEvents !== undefined) errors.push(field.forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  return errors;
}

function watchFaults(q: ListQuery): FieldError[] {
  const errors: FieldError[] = [];
  // Without any say of where to begin, the initial events are sent in the newer way.
  const preset = q.sendInitialEvents === undefined && !q.match && (q.resourceVersion ?? '0') === '0';
  const match = preset ? 'NotOlderThan' : q.match;
  if (q.sendInitialEvents !== undefined && match !== 'NotOlderThan')
    errors.push(field.forbiddenField(MATCH, `sendInitialEvents requires setting ${MATCH} to NotOlderThan`));
  if (match) {
    if (q.sendInitialEvents === undefined && !preset)
      errors.push(field.forbiddenField(MATCH, `${MATCH} is forbidden for watch unless sendInitialEvents is provided`));
    if (match !== 'NotOlderThan') errors.push(field.notSupported(MATCH, match, ['NotOlderThan']));
    if (q.continue) errors.push(field.forbiddenField(MATCH, `${MATCH} is forbidden when continue is provided`));
  }
  return errors;
}
