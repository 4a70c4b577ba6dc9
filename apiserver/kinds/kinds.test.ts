import { describe, expect, it } from 'vitest';
import { kindFacts, kindRules } from './index.ts';

type Plain = Record<string, unknown>;

function rules(apiVersion: string, kind: string) {
  const found = kindRules(apiVersion, kind);
  if (!found) throw new Error(`no rules for ${apiVersion} ${kind}`);
  return found;
}

const deployment = (labels: Plain): Plain => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'team' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
  },
});

describe('kindRules', () => {
  it('knows no rules for names that objects inherit', () => {
    expect(kindRules('constructor', 'toString')).toBeUndefined();
    expect(kindRules('v1', 'constructor')).toBeUndefined();
  });

  it('changes nothing when defaults run a second time', () => {
    const once = deployment({ app: 'web' });
    rules('apps/v1', 'Deployment').defaults(once);
    const twice = structuredClone(once);
    rules('apps/v1', 'Deployment').defaults(twice);
    expect(twice).toEqual(once);
  });

  it('refuses a deployment whose template its selector does not match', () => {
    const object = deployment({ app: 'other' });
    rules('apps/v1', 'Deployment').defaults(object);
    expect(
      rules('apps/v1', 'Deployment')
        .validate(object)
        .map(f => f.text),
    ).toEqual(['spec.template.metadata.labels: Invalid value: {"app":"other"}: `selector` does not match template `labels`']);
  });

  it('keeps the stored status on a write of the object, and everything else on a write of the status', () => {
    const old = deployment({ app: 'web' });
    rules('apps/v1', 'Deployment').defaults(old);
    old['status'] = { replicas: 3 };
    const object = { ...structuredClone(old), status: { replicas: 9 } };
    rules('apps/v1', 'Deployment').prepareUpdate?.(object, old, '');
    expect(object.status).toEqual({ replicas: 3 });
    const status = { ...deployment({ app: 'changed' }), status: { replicas: 9 } };
    rules('apps/v1', 'Deployment').prepareUpdate?.(status, old, 'status');
    expect(status).toMatchObject({ spec: old['spec'], status: { replicas: 9 } });
  });

  const hook = (fields: Plain): Plain => ({
    metadata: { name: 'h' },
    webhooks: [{ name: 'a.b.c', clientConfig: { url: 'https://h' }, admissionReviewVersions: ['v1'], ...fields }],
  });
  const claim = (name: string): Plain => ({
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  const stateful = (spec: Plain): Plain => ({
    ...deployment({ app: 'web' }),
    kind: 'StatefulSet',
    spec: { ...(deployment({ app: 'web' })['spec'] as Plain), ...spec },
  });
  it.each([
    [
      'admissionregistration.k8s.io/v1',
      'ValidatingWebhookConfiguration',
      hook({ sideEffects: null }),
      ['webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun'],
    ],
    [
      'admissionregistration.k8s.io/v1',
      'ValidatingWebhookConfiguration',
      hook({ sideEffects: '' }),
      ['webhooks[0].sideEffects: Unsupported value: "": supported values: "None", "NoneOnDryRun"'],
    ],
    [
      'admissionregistration.k8s.io/v1',
      'ValidatingWebhookConfiguration',
      hook({ sideEffects: 'None', clientConfig: { url: '1%' } }),
      [
        'webhooks[0].clientConfig.url: Required value: url must be a valid URL: parse "1%": invalid URL escape "%"; desired format: https://host[/path]',
      ],
    ],
    ['apps/v1', 'StatefulSet', stateful({ volumeClaimTemplates: [claim('a'), claim('a')] }), []],
    [
      'v1',
      'Pod',
      { metadata: { name: 'p', namespace: 'n' }, spec: { containers: [{ name: 'c', image: 'i ' }] } },
      ['spec.containers[0].image: Invalid value: "i ": must not have leading or trailing whitespace'],
    ],
    [
      'apps/v1',
      'Deployment',
      {
        ...deployment({ app: 'web' }),
        spec: {
          selector: { matchLabels: { app: 'web' } },
          template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i ' }] } },
        },
      },
      [],
    ],
  ])('judges %s %s', (apiVersion, kind, object, told) => {
    rules(apiVersion, kind).defaults(object);
    expect(
      rules(apiVersion, kind)
        .validate(object)
        .map(f => f.text),
    ).toEqual(told);
  });

  it('names the path of every fault in a pod', () => {
    const pod: Plain = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'n' }, spec: { containers: [{ name: 'UP' }] } };
    rules('v1', 'Pod').defaults(pod);
    expect(
      rules('v1', 'Pod')
        .validate(pod)
        .map(f => f.field),
    ).toEqual(['spec.containers[0].name', 'spec.containers[0].image']);
  });
});

describe('kindFacts', () => {
  it('tells which kinds keep a generation and which need a revision to be replaced', () => {
    expect(kindFacts('v1', 'ConfigMap')).toMatchObject({ tracksGeneration: false, unconditionalUpdate: true, deleteReply: 'status' });
    expect(kindFacts('coordination.k8s.io/v1', 'Lease')).toMatchObject({ unconditionalUpdate: false, createOnUpdate: true });
    expect(kindFacts('batch/v1', 'Job')).toMatchObject({ tracksGeneration: true, propagation: 'Orphan' });
  });
});
