// Conversion webhooks are asked like admission webhooks, with 30 seconds to answer.
import type { CallWebhook } from './crd/convert.ts';
import { refusalOf, type WebhookHttp } from './webhook-http.ts';

const TIMEOUT_SECONDS = 30;

/** Posts ConversionReviews. */
export function conversionCall(http: WebhookHttp): CallWebhook {
  return async (clientConfig, review, signal) => {
    const answer = await http.post(
      { clientConfig, timeoutSeconds: TIMEOUT_SECONDS, query: `timeout=${TIMEOUT_SECONDS}s`, body: review },
      signal,
    );
    const refusal = refusalOf(answer);
    if (refusal) throw new Error(refusal);
    return JSON.parse(answer.text) as unknown;
  };
}
