// /metrics, for whoever may get it, like any other path that is no resource.
import { send } from './respond.ts';
import type { PathHandler } from './server-parts.ts';

/** `text` makes the exposition text. */
export function metricsPath(text: () => Promise<string>): PathHandler {
  return {
    methods: ['GET', 'HEAD'],
    matches: path => path === '/metrics',
    async serve(x) {
      send(x, 200, await text(), { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' });
    },
  };
}
