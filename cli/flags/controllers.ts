// The flags of the controllers, checked beyond what a single text shows.
import { type ControllerManagerOptions, controllerNames } from '../../controllers/index.ts';

const PURGE_MODES = ['Gracefully', 'Directly'];

/** Throws an Error of one line that says what is wrong and what would be right. */
export function checkControllerFlags(o: ControllerManagerOptions): void {
  for (const word of o.controllers) {
    const name = word.replace(/^-/, '');
    if (word !== '*' && !controllerNames.includes(name))
      throw new Error(`--controllers: there is no controller ${name}: choose from ${[...controllerNames].sort().join(', ')}`);
  }
  for (const pattern of o.skippedPropagatingNamespaces) {
    try {
      new RegExp(pattern);
    } catch {
      throw new Error(`--skipped-propagating-namespaces: ${pattern} is no regular expression: write names or patterns such as kube-.*`);
    }
  }
  if (!PURGE_MODES.includes(o.noExecuteTaintEvictionPurgeMode))
    throw new Error(
      `--no-execute-taint-eviction-purge-mode: ${o.noExecuteTaintEvictionPurgeMode} is none: write ${PURGE_MODES.join(' or ')}`,
    );
}
