// SIGTERM and SIGINT end a process in order; a second one ends it at once.
import type { Logger } from '../kube/index.ts';

export function stopSignal(log: Logger): AbortSignal {
  const stop = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (stop.signal.aborted) process.exit(1);
    log.info({ signal: name }, 'stopping');
    stop.abort();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return stop.signal;
}
