// What one member object says about itself (specification §4.7): its status as the interpreter of its kind reads it, and whether it is healthy.
import { eventReasons, type ManifestStatus, type Work } from '../../crds/index.ts';
import type { InterpreterLayer } from '../../interpreter/index.ts';
import { type AnyObject, type EventRecorder, equal, errorText, parseApiVersion } from '../../kube/index.ts';

export interface ReflectOptions {
  readonly interpreters: InterpreterLayer;
  readonly recorder: EventRecorder;
}

/** Throws where the Work has no such manifest or the status cannot be read. */
export async function reflectManifest(work: Work, member: AnyObject, o: ReflectOptions, signal: AbortSignal): Promise<ManifestStatus> {
  const identifier = identify(work, member);
  const status = await reflectStatus(work, member, o, signal);
  const health = await interpretHealth(work, member, o, signal);
  return { identifier, ...(status === undefined ? {} : { status: status as Record<string, unknown> }), health };
}

/** The Work with that item; the very same Work where it has it. */
export const withManifestStatus = (work: Work, item: ManifestStatus): Work =>
  equal(work.status?.manifestStatuses, [item]) ? work : { ...work, status: { ...work.status, manifestStatuses: [item] } };

function identify(work: Work, { apiVersion, kind, metadata }: AnyObject): ManifestStatus['identifier'] {
  const { namespace, name = '' } = metadata;
  const manifests = (work.spec.workload?.manifests ?? []) as unknown as readonly AnyObject[];
  const ordinal = manifests.findIndex(
    m => m.apiVersion === apiVersion && m.kind === kind && (m.metadata.namespace ?? '') === (namespace ?? '') && m.metadata.name === name,
  );
  if (ordinal < 0) throw new Error('no such manifest exist');
  const { group, version } = parseApiVersion(apiVersion);
  return { ordinal, ...(group ? { group } : {}), version, kind, resource: '', ...(namespace ? { namespace } : {}), name };
}

const title = ({ kind, metadata }: AnyObject): string => `object(${kind}/${metadata.namespace ?? ''}/${metadata.name})`;

/** Says on the Work why the status of its object is not to be seen: it could not be read, or the control plane did not take it. */
export function tellNotReflected(recorder: EventRecorder, { work, object }: { work: Work; object: AnyObject }, error: unknown): void {
  const text = `Reflect status for ${title(object)} failed, err: ${errorText(error)}`;
  recorder.event(work, 'Warning', eventReasons.reflectStatusFailed, text);
}

async function reflectStatus(
  work: Work,
  member: AnyObject,
  { interpreters, recorder }: ReflectOptions,
  signal: AbortSignal,
): Promise<unknown> {
  const reflect = interpreters.interpreterFor(member.apiVersion, member.kind)?.reflect;
  try {
    const status = reflect ? await reflect(member, signal) : undefined;
    recorder.event(work, 'Normal', eventReasons.reflectStatusSucceed, `Reflect status for ${title(member)} succeed.`);
    return status ?? undefined;
  } catch (error) {
    tellNotReflected(recorder, { work, object: member }, error);
    throw error;
  }
}

async function interpretHealth(
  work: Work,
  member: AnyObject,
  { interpreters, recorder }: ReflectOptions,
  signal: AbortSignal,
): Promise<'Healthy' | 'Unhealthy' | 'Unknown'> {
  const health = interpreters.interpreterFor(member.apiVersion, member.kind)?.health;
  if (!health) return 'Healthy';
  try {
    const healthy = await health(member, signal);
    const text = `Interpret health of ${title(member)} as ${healthy ? 'healthy' : 'unhealthy'}.`;
    recorder.event(work, 'Normal', eventReasons.interpretHealthSucceed, text);
    return healthy ? 'Healthy' : 'Unhealthy';
  } catch (error) {
    recorder.event(
      work,
      'Warning',
      eventReasons.interpretHealthFailed,
      `Interpret health of ${title(member)} failed, err: ${(error as Error).message}`,
    );
    return 'Unknown';
  }
}
