// Rules about failover.
import { at, type FieldError, faultsAt, field, isObject, listOf, qualifiedName, stringOf } from '../../kube/index.ts';

/** Faults of spec.failover; the path is that of the spec. */
export function validateFailover(spec: unknown, path: string): FieldError[] {
  const failover = at(spec, 'failover');
  const application = at(failover, 'application');
  const errors: FieldError[] = [];
  if (isObject(application) && at(spec, 'propagateDeps') !== true) {
    errors.push(field.invalidValue(field.child(path, 'propagateDeps'), false, 'application failover is set, propagateDeps must be true'));
  }
  const inside = field.child(path, 'failover');
  if (isObject(application)) errors.push(...validateApplication(application, field.child(inside, 'application')));
  const cluster = at(failover, 'cluster');
  if (isObject(cluster)) errors.push(...validateStatePreservation(cluster, field.child(inside, 'cluster')));
  return errors;
}

function validateApplication(application: Record<string, unknown>, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const tolerance = at(application, 'decisionConditions', 'tolerationSeconds');
  if (typeof tolerance === 'number' && tolerance < 0) {
    const tolerancePath = field.child(path, 'decisionConditions.tolerationSeconds');
    errors.push(field.invalidValue(tolerancePath, tolerance, 'must be greater than or equal to 0'));
  }
  const gracePath = field.child(path, 'gracePeriodSeconds');
  const graceFault = faultOfGracePeriod(application);
  const grace = application['gracePeriodSeconds'];
  if (graceFault) errors.push(field.invalidValue(gracePath, grace ?? null, graceFault));
  return [...errors, ...validateStatePreservation(application, path)];
}

function faultOfGracePeriod({ purgeMode, gracePeriodSeconds }: Record<string, unknown>): string | undefined {
  const given = typeof gracePeriodSeconds === 'number';
  if (purgeMode !== 'Gracefully') return given ? 'only takes effect when purgeMode is gracefully' : undefined;
  if (!given) return 'should not be empty when purgeMode is gracefully';
  return gracePeriodSeconds <= 0 ? 'must be greater than 0' : undefined;
}

function validateStatePreservation(behavior: Record<string, unknown>, path: string): FieldError[] {
  return listOf(at(behavior, 'statePreservation', 'rules')).flatMap((rule, i) => {
    const rulePath = field.index(field.child(path, 'statePreservation.rules'), i);
    return faultsAt(qualifiedName, stringOf(at(rule, 'aliasLabelName')), field.child(rulePath, 'aliasLabelName'));
  });
}
