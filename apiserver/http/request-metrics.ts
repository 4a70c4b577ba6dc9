// What HTTP requests are counted as, under the names of kube-apiserver. A request costs one look-up of a kept series.
import type { Clock, HistogramSeries, Metrics, Series } from '../../kube/index.ts';
import type { Catalog } from '../registry/index.ts';
import type { RequestInfo } from './request-info.ts';

const SECONDS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];
const LABELS = ['verb', 'dry_run', 'group', 'version', 'resource', 'subresource', 'scope', 'component'];
const VERBS: Readonly<Record<string, string>> = {
  get: 'GET',
  list: 'LIST',
  watch: 'WATCH',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETECOLLECTION',
};
const READ_ONLY = new Set(['GET', 'LIST', 'HEAD']);

/** The series of requests of one form. */
interface Form {
  readonly labels: readonly string[];
  readonly longRunning: boolean;
  readonly inflight: 'readOnly' | 'mutating';
  readonly duration: HistogramSeries | undefined;
  /** By status code. */
  readonly totals: Map<number, Series>;
}

export class RequestMetrics {
  readonly #metrics: Metrics;
  readonly #catalog: Catalog;
  readonly #clock: Clock;
  readonly #forms = new Map<string, Form>();
  readonly #inflight = { readOnly: 0, mutating: 0 };
  readonly #longRunning = new Map<Form, number>();

  constructor(metrics: Metrics, o: { readonly catalog: Catalog; readonly clock: Clock }) {
    this.#metrics = metrics;
    this.#catalog = o.catalog;
    this.#clock = o.clock;
    metrics.read(
      { name: 'apiserver_current_inflight_requests', help: 'Requests that are being answered, without watches.', labels: ['request_kind'] },
      () => Object.entries(this.#inflight).map(([kind, count]) => [[kind], count] as const),
    );
    metrics.read({ name: 'apiserver_longrunning_requests', help: 'Watches and connections that are open.', labels: LABELS }, () =>
      [...this.#longRunning].map(([form, count]) => [form.labels, count] as const),
    );
    metrics.read({ name: 'apiserver_storage_objects', help: 'Objects that are stored.', labels: ['resource'] }, () =>
      o.catalog.stored().map(({ resource: r, collection }) => [[r.group ? `${r.plural}.${r.group}` : r.plural], collection.size] as const),
    );
  }

  /** A request has been understood; call the result with its status code when it is over. */
  begin(info: RequestInfo, contentType: string | undefined): (code: number) => void {
    const form = this.#form(info, contentType);
    if (form.longRunning) this.#longRunning.set(form, (this.#longRunning.get(form) ?? 0) + 1);
    else this.#inflight[form.inflight]++;
    const since = this.#clock.monotonic();
    return code => {
      if (form.longRunning) this.#longRunning.set(form, (this.#longRunning.get(form) ?? 1) - 1);
      else this.#inflight[form.inflight]--;
      form.duration?.observe((this.#clock.monotonic() - since) / 1000);
      this.#total(form, code).add();
    };
  }

  #total(form: Form, code: number): Series {
    const known = form.totals.get(code);
    if (known) return known;
    const family = this.#metrics.counter({ name: 'apiserver_request_total', help: 'Requests.', labels: [...LABELS, 'code'] });
    const made = family.of(...form.labels, String(code));
    form.totals.set(code, made);
    return made;
  }

  #form(info: RequestInfo, contentType: string | undefined): Form {
    const labels = this.#labels(info, contentType);
    const key = labels.join('|');
    const known = this.#forms.get(key);
    if (known) return known;
    const [verb = ''] = labels;
    const longRunning = verb === 'WATCH' || verb === 'CONNECT';
    const made: Form = {
      labels,
      longRunning,
      inflight: READ_ONLY.has(verb) ? 'readOnly' : 'mutating',
      duration: longRunning
        ? undefined
        : this.#metrics
            .histogram({ name: 'apiserver_request_duration_seconds', help: 'How long requests take.', labels: LABELS, buckets: SECONDS })
            .of(...labels),
      totals: new Map(),
    };
    this.#forms.set(key, made);
    return made;
  }

  /** Only names that are served become labels: others could be anything. */
  #labels(info: RequestInfo, contentType: string | undefined): readonly string[] {
    const r = info.resource;
    if (!r) return [info.method, '', '', '', '', '', '', 'apiserver'];
    const served = this.#catalog.find(r.group, r.version, r.plural) !== undefined;
    const verb = r.verb === 'patch' && contentType?.startsWith('application/apply-patch') ? 'APPLY' : (VERBS[r.verb] ?? info.method);
    const scope = r.name ? 'resource' : r.namespace ? 'namespace' : 'cluster';
    const connects = r.subresource === 'proxy' || r.subresource === 'exec' || r.subresource === 'attach' || r.subresource === 'portforward';
    return [
      connects ? 'CONNECT' : verb,
      info.query.get('dryRun') === 'All' ? 'All' : '',
      ...(served ? [r.group, r.version, r.plural, SUBRESOURCES.has(r.subresource) ? r.subresource : ''] : ['', '', '', '']),
      scope,
      'apiserver',
    ];
  }
}

const SUBRESOURCES = new Set([
  'status',
  'scale',
  'proxy',
  'log',
  'exec',
  'attach',
  'portforward',
  'binding',
  'eviction',
  'token',
  'approval',
  'finalize',
]);
