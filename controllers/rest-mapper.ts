// From apiVersion and kind to the Resource that addresses it, by what the control plane serves. A kind that is not known is looked for again, at most once a
// second; what was found is kept.
import { apiVersionOf, type Clock, type Resource } from '../kube/index.ts';
import type { Discover, Served } from './discovery.ts';

const REFRESH_MS = 1000;
const MAX_AGE_MS = 5_000;

export class RestMapper {
  readonly #discover: Discover;
  readonly #clock: Clock;
  #served: Served | undefined;
  #at = Number.NEGATIVE_INFINITY;
  #byKind = new Map<string, Resource>();
  #running: Promise<Served> | undefined;

  constructor(discover: Discover, clock: Clock) {
    this.#discover = discover;
    this.#clock = clock;
  }

  /** Throws where the control plane does not serve that kind. */
  async resourceFor(apiVersion: string, kind: string, signal: AbortSignal): Promise<Resource> {
    const found = await this.find(apiVersion, kind, signal);
    if (!found) throw new Error(`no matches for kind "${kind}" in version "${apiVersion}"`);
    return found;
  }

  async find(apiVersion: string, kind: string, signal: AbortSignal): Promise<Resource | undefined> {
    const id = `${apiVersion} ${kind}`;
    const known = this.#byKind.get(id);
    if (known || this.#clock.monotonic() - this.#at < REFRESH_MS) return known;
    await this.#refresh(signal);
    return this.#byKind.get(id);
  }

  /** Asks again, whatever is known. */
  renew(signal: AbortSignal): Promise<Served> {
    return this.#refresh(signal);
  }

  /** Everything served, a few seconds old at most. */
  async served(signal: AbortSignal): Promise<Served> {
    if (this.#served && this.#clock.monotonic() - this.#at < MAX_AGE_MS) return this.#served;
    return this.#refresh(signal);
  }

  #refresh(signal: AbortSignal): Promise<Served> {
    this.#running ??= this.#discover(signal)
      .then(served => {
        this.#served = served;
        this.#at = this.#clock.monotonic();
        for (const { resource } of served.resources) {
          const id = `${apiVersionOf(resource)} ${resource.kind}`;
          if (!this.#byKind.has(id)) this.#byKind.set(id, resource);
        }
        return served;
      })
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }
}
