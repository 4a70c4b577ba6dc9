// The text of /metrics: what our own code counted, and what there is to say about the process. prom-client, which knows the latter,
// is loaded by whoever asks first.
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metrics } from '../kube/index.ts';
import { gitVersion, packageVersion } from './version.ts';

const RESOLUTION_MS = 10;
const DELAY_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1];

/** Begins to watch the event loop; the result makes the text. */
export function processMetrics(metrics: Metrics): () => Promise<string> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  metrics.read({ name: 'flotilla_build_info', help: '1, with what this is.', labels: ['version', 'git_version', 'node_version'] }, () => [
    [[packageVersion(), gitVersion(), process.version], 1],
  ]);
  let defaults: Promise<{ metrics(): Promise<string> }> | undefined;
  return async () => {
    defaults ??= nodeMetrics();
    return `${metrics.text()}${delayText(delay)}${await (await defaults).metrics()}`;
  };
}

async function nodeMetrics(): Promise<{ metrics(): Promise<string> }> {
  const { collectDefaultMetrics, Registry } = await import('prom-client');
  const register = new Registry();
  collectDefaultMetrics({ register });
  return register;
}

/** How late the event loop was, as a histogram; what Node.js measures includes the pause between two looks. */
function delayText(delay: IntervalHistogram): string {
  const name = 'flotilla_event_loop_delay_seconds';
  const lines = [`# HELP ${name} How long the main thread was held.`, `# TYPE ${name} histogram`];
  const { count, mean } = delay;
  const shares = [...delay.percentiles];
  for (const bound of DELAY_SECONDS) {
    const limit = (bound * 1000 + RESOLUTION_MS) * 1e6;
    const below = shares.findLast(([, nanos]) => nanos <= limit)?.[0] ?? 0;
    lines.push(`${name}_bucket{le="${bound}"} ${Math.floor((count * below) / 100)}`);
  }
  const sum = count > 0 ? Math.max(0, (mean / 1e9 - RESOLUTION_MS / 1000) * count) : 0;
  lines.push(`${name}_bucket{le="+Inf"} ${count}`, `${name}_sum ${sum}`, `${name}_count ${count}`);
  return `${lines.join('\n')}\n`;
}
