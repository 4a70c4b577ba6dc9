// Compares what a server answered to a write with the recording of it.
import { equal, isObject } from '../../../../kube/index.ts';
import { agree, differ, type Verdict } from '../../suite.ts';
import type { Answer } from './request-server.ts';

const FREE = ['uid', 'creationTimestamp', 'resourceVersion', 'selfLink', 'managedFields'];

/** Given out by a server: not in the recording. */
const ALLOCATED = new Set(['clusterIP', 'clusterIPs', 'nodePort', 'healthCheckNodePort']);

/** Without what the server makes up, and free source locations. */
function tidy(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/in scheme "[^"]*"/g, 'in scheme');
  if (Array.isArray(value)) return value.map(tidy);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, inner]) => (ALLOCATED.has(key) ? [] : [[key, tidy(inner)]])));
}

function objectOfAnswer(answer: Record<string, unknown>): unknown {
  const uid = isObject(answer['metadata']) ? answer['metadata']['uid'] : undefined;
  const body = JSON.parse(JSON.stringify(answer).replaceAll(String(uid), '<uid>')) as Record<string, unknown>;
  const meta = isObject(body['metadata']) ? { ...body['metadata'] } : {};
  for (const key of FREE) delete meta[key];
  return { ...body, metadata: meta };
}

function recorded(answer: Answer, expected: Record<string, unknown>): Record<string, unknown> {
  const got: Record<string, unknown> = { code: answer.code };
  if (answer.warnings.length > 0) got['warnings'] = answer.warnings;
  if (!isObject(answer.body)) return { ...got, text: answer.body };
  if (answer.code >= 400) {
    const { kind: _kind, apiVersion: _version, metadata: _metadata, ...status } = answer.body;
    const start = expected['messageStart'];
    if (typeof start === 'string') return { ...got, messageStart: String(status['message']).slice(0, start.length) };
    return { ...got, status };
  }
  return 'object' in expected ? { ...got, object: objectOfAnswer(answer.body) } : got;
}

/** Judges an answer. */
export function judgeAnswer(answer: Answer, expected: Record<string, unknown>): Verdict {
  const got = tidy(recorded(answer, expected));
  return equal(JSON.parse(JSON.stringify(got)), tidy(expected)) ? agree : differ(got, expected);
}
