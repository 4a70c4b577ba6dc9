// Rules of probes and lifecycle handlers, which share their actions.
import { httpHeaderName, portName, portNumber } from '../../../kube/index.ts';
import { child, forbiddenField, invalidValue, notNegative, notSupported, required, texts } from '../checks.ts';
import { type Faults, has, items, number, type Obj, optional, strings, sub, text } from '../read.ts';

const ACTIONS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;

/** The three probes of a container. */
export function probes(faults: Faults, at: string, c: Obj, spec: Obj): void {
  const grace = spec['terminationGracePeriodSeconds'];
  const liveness = optional(c, 'livenessProbe');
  if (liveness) {
    probe(faults, child(at, 'livenessProbe'), liveness, grace);
    onlyOneSuccess(faults, child(at, 'livenessProbe'), liveness);
  }
  const readiness = optional(c, 'readinessProbe');
  if (readiness) {
    probe(faults, child(at, 'readinessProbe'), readiness, grace);
    if (has(readiness, 'terminationGracePeriodSeconds'))
      faults.push(
        invalidValue(
          child(child(at, 'readinessProbe'), 'terminationGracePeriodSeconds'),
          readiness['terminationGracePeriodSeconds'],
          'must not be set for readinessProbes',
        ),
      );
  }
  const startup = optional(c, 'startupProbe');
  if (startup) {
    probe(faults, child(at, 'startupProbe'), startup, grace);
    onlyOneSuccess(faults, child(at, 'startupProbe'), startup);
  }
}

function onlyOneSuccess(faults: Faults, path: string, p: Obj): void {
  const n = number(p, 'successThreshold');
  if (n !== 1) faults.push(invalidValue(child(path, 'successThreshold'), n, 'must be 1'));
}

function probe(faults: Faults, path: string, p: Obj, grace: unknown): void {
  handler(faults, path, p, grace);
  for (const key of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'])
    notNegative(faults, child(path, key), number(p, key));
  if (has(p, 'terminationGracePeriodSeconds') && number(p, 'terminationGracePeriodSeconds') <= 0)
    faults.push(
      invalidValue(child(path, 'terminationGracePeriodSeconds'), number(p, 'terminationGracePeriodSeconds'), 'must be greater than 0'),
    );
}

/** lifecycle of a container */
export function lifecycle(faults: Faults, at: string, c: Obj, spec: Obj): void {
  const l = optional(c, 'lifecycle');
  if (!l) return;
  for (const key of ['postStart', 'preStop']) {
    const h = optional(l, key);
    if (h) handler(faults, child(child(at, 'lifecycle'), key), h, spec['terminationGracePeriodSeconds']);
  }
  if (has(l, 'stopSignal') && !has(sub(spec, 'os'), 'name'))
    faults.push(forbiddenField(child(child(at, 'lifecycle'), 'stopSignal'), 'may not be set for containers with empty `spec.os.name`'));
}

function handler(faults: Faults, path: string, h: Obj, grace: unknown): void {
  let seen = 0;
  for (const key of ACTIONS) {
    const action = optional(h, key);
    if (!action) continue;
    if (seen > 0) faults.push(forbiddenField(child(path, key), 'may not specify more than 1 handler type'));
    else checkAction(faults, child(path, key), { key, action, grace });
    seen++;
  }
  if (seen === 0) faults.push(required(path, 'must specify a handler type'));
}

interface Action {
  readonly key: (typeof ACTIONS)[number];
  readonly action: Obj;
  readonly grace: unknown;
}

function checkAction(faults: Faults, path: string, { key, action, grace }: Action): void {
  if (key === 'exec') {
    if (strings(action, 'command').length === 0) faults.push(required(child(path, 'command')));
  } else if (key === 'httpGet') httpGet(faults, path, action);
  else if (key === 'tcpSocket') port(faults, child(path, 'port'), action['port']);
  else if (key === 'grpc') texts(faults, child(path, 'port'), number(action, 'port'), portNumber(number(action, 'port')));
  else sleep(faults, path, action, grace);
}

function httpGet(faults: Faults, path: string, action: Obj): void {
  if (text(action, 'path') === '') faults.push(required(child(path, 'path')));
  port(faults, child(path, 'port'), action['port']);
  const scheme = text(action, 'scheme');
  if (scheme !== 'HTTP' && scheme !== 'HTTPS') faults.push(notSupported(child(path, 'scheme'), scheme, ['HTTP', 'HTTPS']));
  for (const header of items(action, 'httpHeaders'))
    texts(faults, child(path, 'httpHeaders'), text(header, 'name'), httpHeaderName(text(header, 'name')));
}

/** A port by number or name. */
function port(faults: Faults, path: string, value: unknown): void {
  if (typeof value === 'string') texts(faults, path, value, portName(value));
  else texts(faults, path, value ?? 0, portNumber(typeof value === 'number' ? value : 0));
}

function sleep(faults: Faults, path: string, action: Obj, grace: unknown): void {
  const seconds = number(action, 'seconds');
  const limit = typeof grace === 'number' ? grace : 0;
  if (seconds < 0 || seconds > limit)
    faults.push(invalidValue(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${limit})`));
}
