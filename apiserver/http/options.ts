// The query parameters and option bodies of writes, checked as the reference checks them.
import { badRequest, type FieldError, field, invalid, isObject } from '../../kube/index.ts';
import type { Deletion, FieldValidation } from '../registry/index.ts';
import { isTrue } from './request-info.ts';

export interface WriteQuery {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
  readonly force: boolean | undefined;
  readonly options: Readonly<Record<string, unknown>>;
}

const MAX_MANAGER = 128;

/** `kind`: CreateOptions, UpdateOptions, PatchOptions: what a refusal is about. */
export function writeQuery(query: URLSearchParams, kind: string, o: { readonly userAgent: string; readonly apply: boolean }): WriteQuery {
  const errors: FieldError[] = [];
  const force = query.has('force') ? isTrue(query.get('force')) : undefined;
  const manager = query.get('fieldManager') ?? '';
  const validation = query.get('fieldValidation') ?? '';
  if (kind === 'PatchOptions' && !o.apply && force !== undefined)
    errors.push(field.forbiddenField('force', 'may not be specified for non-apply patch'));
  if (o.apply && manager === '') errors.push(field.required('fieldManager', 'is required for apply patch'));
  errors.push(...managerErrors(manager), ...dryRunErrors(query.getAll('dryRun')));
  if (!['', 'Ignore', 'Warn', 'Strict'].includes(validation))
    errors.push(field.notSupported('fieldValidation', validation, ['', 'Ignore', 'Strict', 'Warn']));
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind, name: '' }, errors);
  const dryRun = query.has('dryRun') && query.get('dryRun') !== '';
  return {
    dryRun,
    fieldManager: manager || managerOf(o.userAgent),
    fieldValidation: (validation || 'Warn') as FieldValidation,
    force,
    options: {
      kind,
      apiVersion: 'meta.k8s.io/v1',
      ...(dryRun ? { dryRun: ['All'] } : {}),
      ...(manager ? { fieldManager: manager } : {}),
      ...(validation ? { fieldValidation: validation } : {}),
      ...(force === undefined ? {} : { force }),
    },
  };
}

/** The default manager: the user agent up to its first slash. */
function managerOf(userAgent: string): string {
  const name = userAgent.split('/')[0] ?? '';
  return (
    [...name]
      .filter(ch => /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(ch))
      .join('')
      .slice(0, MAX_MANAGER) || 'unknown'
  );
}

function managerErrors(manager: string): FieldError[] {
  const errors: FieldError[] = [];
  if (manager.length > MAX_MANAGER) errors.push(field.tooLong('fieldManager', MAX_MANAGER));
  const at = [...manager].findIndex(ch => !/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(ch));
  if (at >= 0) errors.push(field.invalidValue('fieldManager', manager, 'should only contain printable characters'));
  return errors;
}

function dryRunErrors(values: readonly string[]): FieldError[] {
  const wrong = values.filter(v => v !== 'All');
  return wrong.length > 0 ? [field.notSupported('dryRun', values, ['All'])] : [];
}

/** DeleteOptions: the body wins over the query. */
export function deleteOptions(
  body: unknown,
  query: URLSearchParams,
): { deletion: Deletion; dryRun: boolean; options: Record<string, unknown>; keep: boolean } {
  const given = isObject(body) ? body : fromQuery(query);
  const { kind } = given;
  if (kind !== undefined && kind !== '' && kind !== 'DeleteOptions') {
    throw badRequest(`${String(given['apiVersion'] ?? '')}, Kind=${String(kind)} is not a DeleteOptions`);
  }
  const errors: FieldError[] = [];
  const policy = given['propagationPolicy'] as string | undefined | null;
  const orphan = given['orphanDependents'] as boolean | undefined | null;
  if (typeof policy === 'string' && !['Orphan', 'Background', 'Foreground'].includes(policy)) {
    errors.push(field.notSupported('propagationPolicy', policy, ['Foreground', 'Background', 'Orphan', 'nil']));
  }
  if (typeof policy === 'string' && typeof orphan === 'boolean') {
    errors.push(field.invalidValue('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'));
  }
  const dry = Array.isArray(given['dryRun']) ? (given['dryRun'] as string[]) : [];
  errors.push(...dryRunErrors(dry));
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions', name: '' }, errors);
  const preconditions = isObject(given['preconditions'])
    ? (given['preconditions'] as { uid?: string; resourceVersion?: string })
    : undefined;
  const grace = given['gracePeriodSeconds'];
  const chosen = (policy ?? (orphan === true ? 'Orphan' : orphan === false ? 'Background' : undefined)) as
    | Deletion['propagationPolicy']
    | undefined;
  return {
    deletion: {
      ...(chosen ? { propagationPolicy: chosen } : {}),
      ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
      ...(preconditions ? { preconditions } : {}),
    },
    dryRun: dry.some(v => v === 'All'),
    options: { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1', ...given },
    keep: orphan === false,
  };
}

function fromQuery(query: URLSearchParams): Record<string, unknown> {
  const grace = query.get('gracePeriodSeconds');
  const policy = query.get('propagationPolicy');
  const dryRun = query.getAll('dryRun').filter(v => v !== '');
  if (grace !== null && !/^-?\d+$/.test(grace)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`);
  return {
    ...(grace === null ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(policy === null ? {} : { propagationPolicy: policy }),
    ...(query.has('orphanDependents') ? { orphanDependents: isTrue(query.get('orphanDependents')) } : {}),
    ...(dryRun.length > 0 ? { dryRun } : {}),
  };
}
