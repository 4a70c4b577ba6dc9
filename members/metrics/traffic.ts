// Traffic, made up: a running container that calls a Service over and over keeps the pods behind it busy. Its command says so:
// an endless loop in which the address of a Service stands, `http://NAME`, or `http://NAME.NAMESPACE` and what may follow.
import type { Container, Pod, Service } from '../kinds.ts';
import { runsForever } from '../stages/containers.ts';
import { isMeasured } from './usage.ts';

const ADDRESS = /https?:\/\/([a-z0-9-]+)(?:\.([a-z0-9-]+))?/g;

/** The uids of pods that are kept busy. */
export function busyPods(pods: readonly Pod[], services: readonly Service[]): ReadonlySet<string> {
  const called = new Set(pods.filter(isMeasured).flatMap(calledBy));
  const selectors = services.filter(s => called.has(`${s.metadata.namespace}/${s.metadata.name}`) && s.spec.selector);
  const isBehind = (pod: Pod, { metadata, spec }: Service): boolean =>
    pod.metadata.namespace === metadata.namespace &&
    Object.entries(spec.selector ?? {}).every(([key, value]) => pod.metadata.labels?.[key] === value);
  if (selectors.length === 0) return new Set();
  return new Set(pods.filter(pod => selectors.some(s => isBehind(pod, s))).map(pod => pod.metadata.uid ?? ''));
}

function calledBy({ metadata, spec }: Pod): string[] {
  return spec.containers
    .filter(runsForever)
    .flatMap(c => [...words(c).matchAll(ADDRESS)].map(([, name, ns]) => `${ns ?? metadata.namespace}/${name}`));
}

const words = (c: Container): string => [...(c.command ?? []), ...(c.args ?? [])].join(' ');
