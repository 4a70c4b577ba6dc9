// Which interpreter webhook answers for a kind and an operation: rules match group, version, kind and operation, `*` matches all;
// among those that match, the smallest `<configuration>/<webhook>` name is the only one that is asked.
import type { ResourceInterpreterWebhook, ResourceInterpreterWebhookConfiguration } from '../crds/index.ts';
import { parseApiVersion } from '../kube/index.ts';
import type { InterpreterOperation } from './interpreter.ts';

export interface SelectedWebhook {
  /** `<configuration>/<webhook>` */
  readonly id: string;
  readonly webhook: ResourceInterpreterWebhook;
}

const matches = (patterns: readonly string[], word: string): boolean => patterns.includes('*') || patterns.includes(word);

/** The webhook to ask, or undefined. */
export function selectWebhook(
  configurations: readonly ResourceInterpreterWebhookConfiguration[],
  target: { readonly apiVersion: string; readonly kind: string },
  operation: InterpreterOperation,
): SelectedWebhook | undefined {
  const { group, version } = parseApiVersion(target.apiVersion);
  let best: SelectedWebhook | undefined;
  for (const configuration of configurations) {
    for (const webhook of configuration.webhooks) {
      const id = `${configuration.metadata.name ?? ''}/${webhook.name}`;
      if (best && best.id <= id) continue;
      const wanted = (webhook.rules ?? []).some(
        rule =>
          matches(rule.operations, operation) &&
          matches(rule.apiGroups, group) &&
          matches(rule.apiVersions, version) &&
          matches(rule.kinds, target.kind),
      );
      if (wanted) best = { id, webhook };
    }
  }
  return best;
}
