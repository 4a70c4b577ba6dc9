// References to fields of the pod itself: which paths exist, for variables and for files.
import { qualifiedName } from '../../../kube/index.ts';
import { child, invalidValue, notSupported, required, texts } from '../checks.ts';
import { type Faults, type Obj, text } from '../read.ts';

const FOR_VARIABLES = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
const FOR_FILES = ['metadata.name', 'metadata.namespace', 'metadata.labels', 'metadata.annotations', 'metadata.uid'];
/** Every path that the reference knows, sorted or not as it prints them. */
const KNOWN = new Set([
  ...FOR_VARIABLES,
  ...FOR_FILES,
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.hostNetwork',
  'status.phase',
  'status.nominatedNodeName',
]);

/** Checks a fieldRef against the fields that its place may use. */
export function fieldPathFaults(faults: Faults, path: string, ref: Obj, use: 'env' | 'file'): void {
  const apiVersion = text(ref, 'apiVersion');
  const fieldPath = text(ref, 'fieldPath');
  if (apiVersion === '') faults.push(required(child(path, 'apiVersion')));
  else if (fieldPath === '') faults.push(required(child(path, 'fieldPath')));
  else if (subscript(fieldPath)) subscripted(faults, path, fieldPath);
  else plain(faults, path, { apiVersion, fieldPath, use });
}

const subscript = (fieldPath: string): RegExpExecArray | null => /^(.*)\['([^']*)'\]$/.exec(fieldPath);

function subscripted(faults: Faults, path: string, fieldPath: string): void {
  const [, base = '', key = ''] = subscript(fieldPath) ?? [];
  if (base === 'metadata.annotations') texts(faults, path, fieldPath, qualifiedName(key.toLowerCase()));
  else if (base === 'metadata.labels') texts(faults, path, fieldPath, qualifiedName(key));
  else faults.push(invalidValue(path, base, 'does not support subscript'));
}

interface PlainField {
  readonly apiVersion: string;
  readonly fieldPath: string;
  readonly use: 'env' | 'file';
}

function plain(faults: Faults, path: string, { apiVersion, fieldPath, use }: PlainField): void {
  const at = child(path, 'fieldPath');
  if (apiVersion !== 'v1') {
    faults.push(invalidValue(at, fieldPath, `error converting fieldPath: unsupported pod version: ${apiVersion}`));
  } else if (!KNOWN.has(fieldPath)) {
    faults.push(invalidValue(at, fieldPath, `error converting fieldPath: field label not supported: ${fieldPath}`));
  } else {
    const allowed = use === 'env' ? FOR_VARIABLES : FOR_FILES;
    if (!allowed.includes(fieldPath)) faults.push(notSupported(at, fieldPath, [...allowed].sort()));
  }
}
