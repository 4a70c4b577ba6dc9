// Times, durations, IntOrString: decoding, storing, scaling.
import * as kube from '../../../../kube/index.ts';
import { DecodeError, equal, type IntOrString, PercentError, TimeError } from '../../../../kube/index.ts';
import { agree, differ, type Suite } from '../../suite.ts';

const TOTALS = [0, 1, 3, 7, 10, 100];

function scaled(value: IntOrString): Record<string, unknown> {
  try {
    return Object.fromEntries(
      TOTALS.flatMap(total => [
        [`scaled_${total}_false`, kube.scaledValue(value, { total, round: 'down' })],
        [`scaled_${total}_true`, kube.scaledValue(value, { total, round: 'up' })],
      ]),
    );
  } catch (error) {
    if (error instanceof PercentError) return { scaledError: error.message };
    throw error;
  }
}

function encoded(type: string, value: unknown): unknown {
  if (type === 'Time') return JSON.stringify(kube.canonicalTime(value));
  if (type === 'MicroTime') return JSON.stringify(kube.canonicalMicroTime(value));
  if (type === 'Duration') return JSON.stringify(kube.canonicalDuration(value));
  const decoded = kube.canonicalIntOrString(value);
  return { json: JSON.stringify(decoded), intValue: kube.intValue(decoded), string: String(decoded), ...scaled(decoded) };
}

function answer(type: string, token: string): unknown {
  try {
    return { json: encoded(type, JSON.parse(token)) };
  } catch (error) {
    if (error instanceof TimeError || error instanceof DecodeError) return { error: error.message };
    throw error;
  }
}

export const suite: Suite = {
  check(c) {
    const got = answer(c.in['type'] as string, c.in['json'] as string);
    return equal(got, c.out) ? agree : differ(got, c.out);
  },
};
