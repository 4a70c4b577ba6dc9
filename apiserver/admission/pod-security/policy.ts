// The labels of a namespace as a policy, and what a pod breaks of it.
import { type FieldError, field } from '../../../kube/index.ts';
import { BASELINE } from './baseline.ts';
import type { Check, PodUnderCheck, Violation } from './check.ts';
import { RESTRICTED } from './restricted.ts';

export type Level = 'privileged' | 'baseline' | 'restricted';
export type Mode = 'enforce' | 'audit' | 'warn';

export interface LevelVersion {
  readonly level: Level;
  /** A minor version of 1, or the latest. */
  readonly version: number | 'latest';
}

export interface Policy extends Readonly<Record<Mode, LevelVersion>> {
  readonly faults: readonly FieldError[];
}

export const PREFIX = 'pod-security.kubernetes.io/';
const LEVELS: readonly Level[] = ['privileged', 'baseline', 'restricted'];
const NEWEST_MINOR = 36;
const OPEN: LevelVersion = { level: 'privileged', version: 'latest' };
const NO_LABELS: Policy = { enforce: OPEN, audit: OPEN, warn: OPEN, faults: [] };

/** An unknown level counts as restricted for `enforce`, and as privileged for the others. */
export function policyOf(labels: Readonly<Record<string, string>> | undefined): Policy {
  if (!labels || !Object.keys(labels).some(key => key.startsWith(PREFIX))) return NO_LABELS;
  const faults: FieldError[] = [];
  const told = (label: string, why: string): void => {
    faults.push(field.invalidValue(`metadata.labels[${label}]`, labels[label], why));
  };
  const mode = (name: Mode): LevelVersion => {
    const [levelLabel, versionLabel] = [PREFIX + name, `${PREFIX}${name}-version`];
    const level = labels[levelLabel] ?? 'privileged';
    const known = LEVELS.find(l => l === level);
    if (!known) told(levelLabel, `must be one of ${LEVELS.join(', ')}`);
    const version = versionOf(labels[versionLabel] ?? 'latest');
    if (version === undefined) told(versionLabel, 'must be "latest" or "v1.x"');
    return { level: known ?? (name === 'enforce' ? 'restricted' : 'privileged'), version: version ?? 'latest' };
  };
  return { enforce: mode('enforce'), audit: mode('audit'), warn: mode('warn'), faults };
}

function versionOf(text: string): LevelVersion['version'] | undefined {
  if (text === 'latest') return 'latest';
  const [, minor] = /^v1\.(0|[1-9]\d*)$/.exec(text) ?? [];
  return minor === undefined ? undefined : Number(minor);
}

export const policyText = ({ level, version }: LevelVersion): string => `${level}:${version === 'latest' ? version : `v1.${version}`}`;

export const sameLevel = (a: LevelVersion, b: LevelVersion): boolean => a.level === b.level && a.version === b.version;

/** Whether `a` demands more than `b`. */
export const stricter = (a: Level, b: Level): boolean => LEVELS.indexOf(a) > LEVELS.indexOf(b);

/** All that the pod breaks, in the order in which it is told. */
export function violations(pod: PodUnderCheck, { level, version }: LevelVersion): Violation[] {
  if (level === 'privileged') return [];
  const minor = version === 'latest' ? NEWEST_MINOR : Math.min(version, NEWEST_MINOR);
  const formOf = (check: Check) => check.versions.findLast(([from]) => from <= minor)?.[1];
  const restricted = level === 'restricted' ? RESTRICTED.filter(formOf) : [];
  const overridden = new Set(restricted.map(c => c.overrides));
  const checks = [...BASELINE.filter(c => !overridden.has(c.id)), ...restricted];
  return checks.flatMap(check => formOf(check)?.(pod) ?? []);
}

export const detailsOf = (found: readonly Violation[]): string => found.map(v => `${v.reason} (${v.detail})`).join(', ');
