import { describe, expect, test } from 'vitest';
import { applyWebhookPatch } from './webhook-patch.ts';
import { denied, readReview } from './webhook-review.ts';

const answer = (body: unknown, more = {}): Parameters<typeof readReview>[0] => ({
  status: 200,
  contentType: 'application/json',
  text: typeof body === 'string' ? body : JSON.stringify(body),
  ...more,
});
const review = (response: unknown): unknown => ({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response });

describe('an answer of a webhook', () => {
  test('is read with its warnings and its patch', () => {
    const patch = Buffer.from('[]').toString('base64');
    const body = review({ uid: 'u', allowed: true, warnings: ['w'], patchType: 'JSONPatch', patch });
    expect(readReview(answer(body), 'u', true)).toEqual({ allowed: true, status: undefined, warnings: ['w'], patch: '[]' });
  });

  test.each([
    [answer(review({ uid: 'other' })), 'expected response.uid="u", got "other"'],
    [answer(review({ uid: 'u', patch: 'W10=' })), 'webhook returned response.patch but not response.patchType'],
    [answer(review({ uid: 'u', patch: 'W10=', patchType: 'Merge' })), 'webhook returned invalid response.patchType of "Merge"'],
    [answer(''), '0-length response with status code: 200 and content type: application/json'],
    [answer('[1]'), "couldn't get version/kind; json parse error: json: cannot unmarshal array"],
    [answer('no', { status: 503 }), 'the server is currently unable to handle the request'],
    [answer('why', { status: 500, contentType: 'text/plain' }), 'an error on the server ("why") has prevented the request from succeeding'],
  ])('that cannot be used says what is wrong (%#)', (given, why) => {
    expect(() => readReview(given, 'u', true)).toThrow(why);
  });
});

describe('a refusal', () => {
  test('is never a success, whatever code the webhook gives', () => {
    expect(denied('w', { code: 200, message: 'm' })).toMatchObject({ code: 400, message: 'admission webhook "w" denied the request: m' });
  });

  test('without a message shows the reason, or that there is none', () => {
    expect(denied('w', { reason: 'Gone' }).message).toBe('admission webhook "w" denied the request: Gone');
    expect(denied('w', undefined).message).toBe('admission webhook "w" denied the request without explanation');
  });
});

describe('a patch', () => {
  const document = { a: { b: 1 }, list: [1] };

  test('applies in order and leaves the document as it was', () => {
    const made = applyWebhookPatch(document, '[{"op":"add","path":"/a/c","value":2},{"op":"remove","path":"/a/b"}]');
    expect(made).toEqual({ a: { c: 2 }, list: [1] });
    expect(document.a).toEqual({ b: 1 });
  });

  test.each([
    ['[{"op":"add","path":"/x/y","value":1}]', 'add operation does not apply: doc is missing path: "/x/y": missing value'],
    ['[{"op":"remove","path":"/a/x"}]', "error in remove for path: '/a/x': Unable to remove nonexistent key: x: missing value"],
    ['[{"op":"add","path":"/list/7","value":1}]', "error in add for path: '/list/7': Unable to access invalid index: 7"],
    ['[{"op":"test","path":"/a/b","value":2}]', 'testing value /a/b failed: test failed'],
    [
      '[{"op":"remove","path":"/a"},{"op":"replace","path":"/a/b","value":1}]',
      'replace operation does not apply: doc is missing path: /a/b: missing value',
    ],
  ])('that does not apply is explained: %s', (patch, why) => {
    expect(() => applyWebhookPatch(document, patch)).toThrow(why);
  });
});
