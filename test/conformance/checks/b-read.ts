// Group B, reading: 19 to 27, 53.
import { systemClock } from '../../../kube/index.ts';
import { kubectl } from '../check.ts';
import { equal, lacks, matches, refused } from '../expect.ts';
import type { KubectlSession } from '../session.ts';

async function threeMaps(t: KubectlSession): Promise<void> {
  await t.configMap('a', { k: 'v' }, { labels: { app: 'one', k: 'a' } });
  await t.configMap('b', { k: 'v', l: 'w' }, { labels: { app: 'two', k: 'b', x: 'y' } });
  await t.configMap('c');
}

export const readChecks = [
  kubectl('B19', 'get in every output', async t => {
    await threeMaps(t);
    matches(await t.k`get cm`, /^NAME +DATA +AGE\na +1 .*\nb +2 .*\nc +1 .*\n$/);
    matches(await t.k`get cm -o wide`, /^NAME +DATA +AGE\n/);
    equal(await t.k`get cm -o name`, 'configmap/a\nconfigmap/b\nconfigmap/c\n', '-o name');
    matches(await t.k`get cm a -o yaml`, /^apiVersion: v1\ndata:\n {2}k: v\nkind: ConfigMap\n/);
    equal((await t.json`get cm`).items.length, 3, '-o json');
    equal(await t.k`get cm -o ${'jsonpath={.items[*].metadata.name}'}`, 'a b c', 'jsonpath');
    matches(await t.k`get cm -o custom-columns=N:.metadata.name,V:.data.k`, /^N +V\na +v\n/);
    equal(await t.k`get cm -o ${'go-template={{range .items}}{{.metadata.name}};{{end}}'}`, 'a;b;c;', 'go-template');
    matches(await t.k`get cm --sort-by=.metadata.name`, /a [\s\S]*b [\s\S]*c /);
    matches(await t.k`get cm a --show-labels`, /LABELS\n.*app=one,k=a/);
    matches(await t.k`get cm -L app`, /APP\na .* one\n/);
    lacks(await t.k`get cm --no-headers`, /NAME/);
    matches(await t.k`get cm -A`, new RegExp(`^NAMESPACE +NAME[^]*^${t.ns} +a +1`, 'm'));
  }),
  kubectl('B20', 'label selectors', async t => {
    await threeMaps(t);
    equal(await t.k`get cm -o name -l ${'k in (a,b),!x'}`, 'configmap/a\n', 'in and not there');
    equal(await t.k`get cm -o name -l ${'k notin (a)'}`, 'configmap/b\nconfigmap/c\n', 'notin');
    refused(await t.tries`get cm -l ${'k in a'}`, /BadRequest|unable to parse|expected/);
  }),
  kubectl('B21', 'field selectors, known and not', async t => {
    await t.k`run p --image=x`;
    equal(await t.k`get pods -o name --field-selector status.phase=Pending`, 'pod/p\n', 'Pending');
    equal(await t.k`get pods -o name --field-selector status.phase=Running`, '', 'Running');
    refused(await t.tries`get pods --field-selector spec.foo=1`, /field label not supported/);
  }),
  kubectl('B22', 'fields of secrets and events', async t => {
    await t.k`create secret generic s --from-literal=p=q`;
    equal(await t.k`get secrets -o name --field-selector type=Opaque`, 'secret/s\n', 'type');
    await t.post(t.core('events'), event(t.ns, 'e', 'Pod', 'p'));
    equal(await t.k`get events -o name --field-selector involvedObject.kind=Pod`, 'event/e\n', 'events');
    equal(await t.k`get events -o name --field-selector involvedObject.kind=Node`, '', 'events of nodes');
  }),
  kubectl('B23', 'one there, one missing', async t => {
    await t.configMap('a');
    const done = await t.tries`get cm a b-missing`;
    equal(done.code, 1, 'exit status');
    matches(done.out, /^a +1/m);
    matches(done.err, /NotFound/);
    await t.k`get cm b-missing --ignore-not-found`;
  }),
  kubectl('B24', 'get all', async t => {
    await t.k`get all`;
    await t.k`create deployment d --image=x`;
    matches(await t.k`get all`, /deployment.apps\/d +0\/1/);
  }),
  kubectl('B25', 'get -w in its forms', async t => {
    await t.configMap('a');
    const plain = t.starts`get cm -w`;
    const only = t.starts`get cm --watch-only`;
    const events = t.starts`get cm -w --output-watch-events`;
    const objects = t.starts`get cm -w -o json`;
    try {
      await Promise.all([plain.until(/^a +1/m), events.until(/ADDED +a/), objects.until(/"name": "a"/)]);
      // The watch without a list has no sign of its own: it is there when a change shows.
      for (let i = 0; !/^probe/m.test(only.out()) && i < 100; i++) {
        await t.tries`create cm probe-${i}`;
      }
      await t.configMap('b');
      await t.k`patch cm b -p ${'{"data":{"l":"w"}}'}`;
      await t.k`delete cm b`;
      await events.until(/ADDED +b +1[\s\S]*MODIFIED +b +2[\s\S]*DELETED +b +2/);
      matches(await plain.until(/b +1 [\s\S]*b +2 [\s\S]*b +2 /), /^NAME +DATA +AGE\n/);
      await objects.until(/"name": "b"/);
      lacks(await only.until(/^b +2 [\s\S]*^b +2 /m), /^a +1/m);
    } finally {
      await Promise.all([plain, only, events, objects].map(b => b.stop()));
    }
  }),
  kubectl('B26', 'describe', async t => {
    await t.configMap('a');
    await t.k`create deployment d --image=x`;
    matches(await t.k`describe cm a`, /Events: +<none>/);
    matches(await t.k`describe deploy d`, /Image: +x\n[\s\S]*Events: +<none>/);
  }),
  kubectl('B27', 'events', async t => {
    await t.post(t.core('events'), event(t.ns, 'e', 'Deployment', 'd'));
    matches(await t.k`get events -A`, /because it is so/);
    if (t.minor < 26) return;
    matches(await t.k`events`, /because it is so/);
    await t.k`create deployment d --image=x`;
    matches(await t.k`events --for deploy/d`, /because it is so/);
  }),
  kubectl('B53', 'completion of names', async t => {
    await t.configMap('a');
    if (t.minor >= 24) matches(await t.k`__complete get cm ${''}`, /^a\n/m);
    else equal(await t.k`get cm -o ${'template={{ range .items  }}{{ .metadata.name }} {{ end }}'}`, 'a ', 'names');
  }),
];

function event(namespace: string, name: string, kind: string, of: string): object {
  const now = new Date(systemClock.now()).toISOString().replace(/\.\d+/, '');
  const group = kind === 'Pod' ? 'v1' : 'apps/v1';
  return {
    metadata: { name },
    involvedObject: { apiVersion: group, kind, name: of, namespace },
    reason: 'Because',
    message: 'because it is so',
    type: 'Normal',
    count: 1,
    firstTimestamp: now,
    lastTimestamp: now,
    source: { component: 'conformance' },
  };
}
