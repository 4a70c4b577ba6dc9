// Rules about placement: affinity groups, spread, workload affinity, tolerations.
import { at, type FieldError, faultsAt, field, listOf, objectOf, qualifiedName, stringOf } from '../../kube/index.ts';
import { validateClusterAffinity } from '../cluster-affinity.ts';
import { invalidAs } from '../print/invalid.ts';
import * as shapes from '../print/shapes.ts';
import { validateSpreadConstraints } from './spread.ts';

/** Faults of a placement; an absent one has none. */
export function validatePlacement(placement: unknown, path: string): FieldError[] {
  const fields = objectOf(placement);
  const errors: FieldError[] = [];
  if (isGiven(fields['clusterAffinity']) && isGiven(fields['clusterAffinities'])) {
    errors.push(invalidAs(path, placement, shapes.placement, 'clusterAffinities cannot co-exist with clusterAffinity'));
  }
  errors.push(
    ...validateClusterAffinity(fields['clusterAffinity'], field.child(path, 'clusterAffinity')),
    ...validateClusterAffinities(fields['clusterAffinities'], fields['replicaScheduling'], field.child(path, 'clusterAffinities')),
    ...validateSpreadConstraints(fields['spreadConstraints'], field.child(path, 'spreadConstraints')),
    ...validateWorkloadAffinity(fields['workloadAffinity'], field.child(path, 'workloadAffinity')),
    ...validateTolerations(fields['clusterTolerations'], field.child(path, 'clusterTolerations')),
  );
  return errors;
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

function validateClusterAffinities(terms: unknown, replicaScheduling: unknown, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, term] of listOf(terms).entries()) {
    const overflow = at(term, 'overflowAffinities');
    if (!Array.isArray(overflow) || takesOverflow(replicaScheduling)) continue;
    const detail = 'overflowAffinities can only be used together with dynamic weight or aggregated scheduling';
    errors.push(invalidAs(field.child(field.index(path, i), 'overflowAffinities'), overflow, shapes.overflowAffinities, detail));
  }
  const names = new Set<string>();
  for (const [i, term] of listOf(terms).entries()) {
    const name = stringOf(at(term, 'affinityName'));
    const termPath = field.index(path, i);
    errors.push(...faultsAt(qualifiedName, name, termPath));
    if (names.has(name))
      errors.push(invalidAs(path, terms, shapes.clusterAffinities, 'each affinity term in a policy must have a unique name'));
    names.add(name);
    errors.push(...validateClusterAffinity(term, termPath));
    errors.push(...validateOverflow(term, termPath));
  }
  return errors;
}

function validateOverflow(term: unknown, termPath: string): FieldError[] {
  const overflow = at(term, 'overflowAffinities');
  if (!Array.isArray(overflow)) return [];
  const path = field.child(termPath, 'overflowAffinities');
  const fault = (detail: string): FieldError => invalidAs(path, overflow, shapes.overflowAffinities, detail);
  const errors: FieldError[] = [];
  if (!hasInlineAffinity(term)) errors.push(fault('overflowAffinities can only be used together with the inline ClusterAffinity'));
  const names = new Set([stringOf(at(term, 'affinityName'))]);
  for (const [i, item] of overflow.entries()) {
    const name = stringOf(at(item, 'affinityName'));
    const namePath = field.child(field.index(path, i), 'affinityName');
    errors.push(...faultsAt(qualifiedName, name, namePath));
    if (names.has(name)) {
      errors.push(
        field.invalidValue(namePath, name, "overflow affinity name must be unique and must not duplicate the primary group's affinityName"),
      );
    }
    names.add(name);
    errors.push(...validateClusterAffinity(item, field.index(path, i)));
  }
  return errors;
}

/** Overflow needs a scheduler that knows what each cluster has room for. */
function takesOverflow(replicaScheduling: unknown): boolean {
  if (at(replicaScheduling, 'replicaSchedulingType') !== 'Divided') return false;
  const preference = at(replicaScheduling, 'replicaDivisionPreference');
  return preference === 'Aggregated' || (preference === 'Weighted' && Boolean(at(replicaScheduling, 'weightPreference', 'dynamicWeight')));
}

function hasInlineAffinity(term: unknown): boolean {
  const { labelSelector, fieldSelector, clusterNames, exclude } = objectOf(term);
  return isGiven(labelSelector) || isGiven(fieldSelector) || listOf(clusterNames).length > 0 || listOf(exclude).length > 0;
}

function validateWorkloadAffinity(affinity: unknown, path: string): FieldError[] {
  const keys = ['affinity', 'antiAffinity'].map(name => ({ name, term: at(affinity, name) })).filter(k => isGiven(k.term));
  const errors = keys.flatMap(({ name, term }) =>
    faultsAt(qualifiedName, stringOf(at(term, 'groupByLabelKey')), field.child(path, `${name}.groupByLabelKey`)),
  );
  const [first, second] = keys.map(k => stringOf(at(k.term, 'groupByLabelKey')));
  if (keys.length === 2 && first === second) {
    errors.push(invalidAs(path, affinity, shapes.workloadAffinity, 'affinity and antiAffinity must not use the same groupByLabelKey'));
  }
  return errors;
}

const TOLERATION_OPERATORS = ['', 'Exists', 'Equal'];

function validateTolerations(tolerations: unknown, path: string): FieldError[] {
  return listOf(tolerations).flatMap((toleration, i) => {
    const operator = stringOf(at(toleration, 'operator'));
    if (operator !== 'Lt' && operator !== 'Gt') return [];
    return [field.notSupported(field.child(field.index(path, i), 'operator'), operator, TOLERATION_OPERATORS)];
  });
}
