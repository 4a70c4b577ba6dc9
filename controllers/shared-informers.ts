// One informer for each resource of a server, however many controllers ask; it starts when first asked for and ends with the signal.
import {
  type AnyObject,
  apiVersionOf,
  type Client,
  type Clock,
  type Informer,
  informer,
  type KubeObject,
  type Logger,
  type ObjectKey,
  type Resource,
} from '../kube/index.ts';

export interface SharedInformersOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ends all of them. */
  readonly signal: AbortSignal;
  /** Narrows what is copied of a resource, for those who may not see everything. */
  readonly selection?: (resource: Resource) => { readonly namespace?: string; readonly fieldSelector?: string };
}

export class SharedInformers {
  readonly #o: SharedInformersOptions;
  readonly #informers = new Map<string, Informer<KubeObject>>();
  readonly #stops = new Map<string, AbortController>();

  constructor(o: SharedInformersOptions) {
    this.#o = o;
  }

  of<T extends KubeObject>(resource: Resource<T>): Informer<T> {
    const id = `${apiVersionOf(resource)} ${resource.plural}`;
    const known = this.#informers.get(id);
    if (known) return known as unknown as Informer<T>;
    const selection = this.#o.selection?.(resource as unknown as Resource);
    const created = informer({ client: this.#o.client, clock: this.#o.clock, resource, log: this.#o.log, ...selection });
    this.#informers.set(id, created as unknown as Informer<KubeObject>);
    // Begun in the next turn, so that whoever asked can add indexes first.
    const stop = new AbortController();
    this.#stops.set(id, stop);
    queueMicrotask(() => void created.run(AbortSignal.any([this.#o.signal, stop.signal])));
    return created;
  }

  /** Resources of which a copy is kept. */
  get resources(): readonly Resource[] {
    return [...this.#informers.values()].map(({ resource }) => resource as unknown as Resource);
  }

  /** Ends a copy; whoever asks again gets a new one. */
  stop(resource: Resource): void {
    const id = `${apiVersionOf(resource)} ${resource.plural}`;
    this.#informers.delete(id);
    this.#stops.get(id)?.abort(new Error(`the copy of ${resource.plural} is not needed any more`));
    this.#stops.delete(id);
  }

  /** An object of a kind that somebody watches already; undefined where nobody does or it is not there. */
  cached(apiVersion: string, kind: string, key: ObjectKey): AnyObject | undefined {
    for (const [id, known] of this.#informers) {
      if (id.startsWith(`${apiVersion} `) && known.resource.kind === kind) return known.get(key) as AnyObject | undefined;
    }
    return undefined;
  }

  /** The informer if somebody asked for it already. */
  known<T extends KubeObject>(resource: Resource<T>): Informer<T> | undefined {
    return this.#informers.get(`${apiVersionOf(resource)} ${resource.plural}`) as Informer<T> | undefined;
  }
}
