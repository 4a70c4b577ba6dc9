// Copies of every kind that can be propagated: discovery adds kinds as they appear, each with one informer, and their changes become keys of templates.
import type { AnyObject, Change, Enqueue, Informer, Resource, Source } from '../../kube/index.ts';
import type { ControllerContext } from '../context.ts';
import { isOurOwnChange, isSignificant } from './significant.ts';
import { type Skip, skipRules } from './skip.ts';
import { kindId, refOf, type TemplateRef, templateKeyText } from './template-key.ts';

const NEEDED_VERBS = ['delete', 'list', 'watch'];
const INITIAL_PRIORITY = -100;

export class WatchedKinds {
  readonly #context: ControllerContext;
  readonly #skip: Skip;
  readonly #kinds = new Map<string, { readonly resource: Resource; readonly informer: Informer<AnyObject> }>();
  readonly #isLazy: (template: AnyObject) => boolean;
  #enqueue: Enqueue | undefined;

  constructor(context: ControllerContext, isLazy: (template: AnyObject) => boolean) {
    this.#context = context;
    this.#isLazy = isLazy;
    this.#skip = skipRules({ apis: context.options.skippedPropagatingApis, namespaces: context.options.skippedPropagatingNamespaces });
  }

  /** Opens what is served by now and was not before. */
  async refresh(signal: AbortSignal): Promise<void> {
    const { resources } = await this.#context.mapper.served(signal);
    for (const { resource, verbs, preferred } of resources) {
      if (!preferred || this.#kinds.has(kindId(resource)) || this.#skip.resource(resource)) continue;
      if (!NEEDED_VERBS.every(verb => verbs.includes(verb))) continue;
      const informer = this.#context.informers.of(resource);
      this.#kinds.set(kindId(resource), { resource, informer });
      informer.subscribe(change => this.#changed(change));
    }
  }

  /** The template out of the copy of its kind; undefined where it is not there or its kind is not watched. */
  find({ apiVersion, kind, namespace, name }: TemplateRef): { readonly template: AnyObject; readonly resource: Resource } | undefined {
    const known = this.#kinds.get(`${apiVersion} ${kind}`);
    const template = known?.informer.get(namespace ? `${namespace}/${name}` : name);
    return known && template ? { template: withType(template, apiVersion, kind), resource: known.resource } : undefined;
  }

  readonly source: Source = {
    synced: Promise.resolve(),
    start: enqueue => {
      this.#enqueue = enqueue;
      return () => {
        this.#enqueue = undefined;
      };
    },
  };

  #changed({ type, object, old, initial }: Change<AnyObject>): void {
    if (this.#skip.object(object)) return;
    if (type === 'updated' && old && !isSignificant(old, object)) return;
    const ours = type === 'updated' && old !== undefined && this.#isLazy(object) && isOurOwnChange(old, object);
    this.#enqueue?.(templateKeyText(refOf(object), ours), { priority: initial ? INITIAL_PRIORITY : 0 });
  }
}

/** Objects of typed lists may lack their type. */
function withType(object: AnyObject, apiVersion: string, kind: string): AnyObject {
  return object.kind ? object : { ...object, apiVersion, kind };
}
