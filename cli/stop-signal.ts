// SIGTERM and SIGINT end a process in order; a second one, or ten seconds, end it at once.
import { type Logger, systemClock } from '../kube/index.ts';

const GRACE_MS = 9_500;

export function stopSignal(log: Logger): AbortSignal {
  const stop = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (stop.signal.aborted) process.exit(1);
    log.info({ signal: name }, 'stopping');
    stop.abort();
    systemClock.after(GRACE_MS, () => {
      log.error({}, 'not everything ended in time');
      process.exit(1);
    });
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return stop.signal;
}
