// Custom resources come and go with their CustomResourceDefinitions: names are accepted, versions served, objects cleaned up.
import {
  type AnyObject,
  at,
  clone,
  controller,
  customFieldSelector,
  equal,
  errorText,
  type Logger,
  labelSelector,
  objectOf,
  type Runnable,
  type Source,
  stringOf,
  timestamp,
} from '../kube/index.ts';
import type { MutableObject } from './admission/plugin.ts';
import { customSchema } from './apply/custom-schema.ts';
import type { CallWebhook } from './crd/convert.ts';
import { type CustomKind, customKind } from './crd/custom-kind.ts';
import { versionsOf } from './crd/internal-form.ts';
import { crdStatus, isEstablished } from './crd/status.ts';
import { type Conversion, type VersionOptions, versionConversions } from './custom-conversion.ts';
import { withMetadata } from './custom-rules.ts';
import { loopContext } from './loops/loop-context.ts';
import { type Core, modify, remove, type Served, type Subresource } from './registry/index.ts';
import { once } from './registry/once.ts';
import { crdColumns } from './table/index.ts';

const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';
const NAME = 'customresourcedefinition-controller';

export interface CustomResourcesOptions {
  readonly core: Core;
  readonly log: Logger;
  /** Versions that differ in more than their name, by `plural.group`. */
  readonly conversions: ReadonlyMap<string, Conversion>;
  /** Asks the conversion webhooks of CRDs. */
  readonly call: CallWebhook;
  /** Subresources that somebody else answers, by `plural.group`. */
  readonly extensions?: Extensions;
}

/** `plural.group` → subresource → how it is answered. */
export type Extensions = ReadonlyMap<string, ReadonlyMap<string, Subresource>>;

export class CustomResources {
  readonly #o: CustomResourcesOptions;
  /** CRD name -> what is in the catalog for it. */
  readonly #served = new Map<
    string,
    { readonly generation: string; readonly entries: readonly Served[]; readonly kinds: readonly CustomKind[] }
  >();

  constructor(o: CustomResourcesOptions) {
    this.#o = o;
  }

  /** Serves what is established already; call it before the first request. */
  load(): void {
    for (const crd of this.#crds()) if (isEstablished(crd)) this.#serve(crd);
  }

  /** Everything compiled and served: for documents. */
  kinds(): CustomKind[] {
    return [...this.#served.values()].flatMap(s => s.kinds.filter(k => k.served));
  }

  /** Follows the definitions. */
  loop(): Runnable {
    const { core, log } = this.#o;
    return controller({
      name: 'crd',
      sources: [this.#source()],
      clock: core.plane.clock,
      log,
      reconcile: (name, signal) => this.#reconcile(name, signal),
    });
  }

  #definitions(): Served {
    const served = this.#o.core.catalog.find('apiextensions.k8s.io', 'v1', 'customresourcedefinitions');
    if (!served) throw new Error('CustomResourceDefinition is not served');
    return served;
  }

  #crds(): AnyObject[] {
    return this.#definitions()
      .collection.list({ namespace: '', accept: () => true })
      .entries.map(e => e.object);
  }

  #source(): Source {
    return {
      synced: Promise.resolve(),
      start: enqueue => {
        for (const crd of this.#crds()) enqueue(crd.metadata.name ?? '');
        return this.#definitions().collection.subscribe('', event => {
          if (event.type === 'DELETED') this.#withdraw(event.entry.name);
          enqueue(event.entry.name);
          if (event.type === 'DELETED') for (const crd of this.#crds()) enqueue(crd.metadata.name ?? '');
        });
      },
    };
  }

  async #reconcile(name: string, signal: AbortSignal): Promise<{ requeueAfterMs: number } | undefined> {
    const crd = this.#definitions().collection.get('', name)?.object;
    if (!crd) return undefined;
    if (crd.metadata.deletionTimestamp) return this.#cleanUp(crd, signal);
    if (isEstablished(crd)) this.#serve(crd);
    const others = this.#crds().filter(c => c.metadata.name !== name && objectOf(c['spec'])['group'] === objectOf(crd['spec'])['group']);
    const status = crdStatus(crd, others, this.#o.core.plane.clock.now());
    if (equal(status, crd['status'])) return undefined;
    await this.#change(name, old => ({ ...old, status }));
    const now = this.#definitions().collection.get('', name)?.object;
    if (now && isEstablished(now)) this.#serve(now);
    return undefined;
  }

  async #change(name: string, make: (old: AnyObject) => AnyObject): Promise<void> {
    const { core } = this.#o;
    await modify(
      core.plane,
      this.#definitions(),
      { ...loopContext(NAME), fieldManager: 'kube-apiserver' },
      { namespace: '', name, subresource: '' },
      { internal: true, writes: 'status', make: old => clone(make(old)) as MutableObject },
    );
  }

  #serve(crd: AnyObject): void {
    const name = crd.metadata.name ?? '';
    const generation = `${crd.metadata.uid}/${crd.metadata.generation ?? 0}`;
    if (this.#served.get(name)?.generation === generation) return;
    this.#withdraw(name);
    const entries: Served[] = [];
    const versions = versionsOf(objectOf(crd['spec'])).map(v => stringOf(v['name']));
    const kinds = versions.flatMap(v => this.#compile(crd, v) ?? []);
    const storage = kinds.find(k => k.storage);
    if (!storage) return;
    const { clock } = this.#o.core.plane;
    const webhook = { crd, call: this.#o.call, uuid: () => clock.uuid() };
    const all = new Map<string, Served>();
    for (const kind of kinds) {
      const served = servedFrom(this.#o, { kind, storage, kinds, webhook, generation, all });
      all.set(`${kind.group}/${kind.version}`, served);
      if (!kind.served) continue;
      entries.push(served);
      this.#o.core.catalog.put(served);
    }
    this.#served.set(name, { generation, entries, kinds });
  }

  #compile(crd: AnyObject, version: string): CustomKind | undefined {
    try {
      return customKind(crd, version);
    } catch (error) {
      this.#o.log.error({ crd: crd.metadata.name, version, err: errorText(error) }, 'a stored CRD cannot be compiled');
      return undefined;
    }
  }

  #withdraw(name: string): void {
    for (const s of this.#served.get(name)?.entries ?? [])
      this.#o.core.catalog.drop(s.resource.group, s.resource.version, s.resource.plural);
    this.#served.delete(name);
  }

  /** Deletes the objects of a terminating CRD, then lets it go. */
  async #cleanUp(crd: AnyObject, signal: AbortSignal): Promise<{ requeueAfterMs: number } | undefined> {
    const name = crd.metadata.name ?? '';
    if (!(crd.metadata.finalizers ?? []).includes(CLEANUP)) return undefined;
    const served = this.#served.get(name)?.entries[0];
    let left = 0;
    for (const entry of served?.collection.list({ namespace: '', accept: () => true }).entries ?? []) {
      if (served && !entry.object.metadata.deletionTimestamp) {
        await remove(
          this.#o.core.plane,
          served,
          loopContext(NAME, signal),
          { namespace: entry.namespace, name: entry.name, subresource: '' },
          {},
        ).catch(ignoreGone);
      }
      if (served?.collection.get(entry.namespace, entry.name)) left++;
    }
    if (left > 0) {
      await this.#tellTerminating(name, `CustomResource deletion is in progress: ${left} remaining`);
      return { requeueAfterMs: 500 };
    }
    this.#withdraw(name);
    await this.#change(name, old => ({
      ...old,
      metadata: { ...old.metadata, finalizers: (old.metadata.finalizers ?? []).filter(f => f !== CLEANUP) },
    })).catch(ignoreGone);
    return undefined;
  }

  async #tellTerminating(name: string, message: string): Promise<void> {
    const condition = {
      type: 'Terminating',
      status: 'True',
      lastTransitionTime: timestamp(this.#o.core.plane.clock.now()),
      reason: 'InstanceDeletionInProgress',
      message,
    };
    await this.#change(name, old => {
      const status = objectOf(old['status']);
      const others = (Array.isArray(status['conditions']) ? status['conditions'] : []).filter(c => objectOf(c)['type'] !== 'Terminating');
      const before = (Array.isArray(status['conditions']) ? status['conditions'] : []).find(c => objectOf(c)['type'] === 'Terminating');
      return before ? old : { ...old, status: { ...status, conditions: [...others, condition] } };
    });
  }
}

function ignoreGone(error: { reason?: string }): void {
  if (error.reason !== 'NotFound') throw error;
}

/** The verbs of custom kinds, in the order discovery lists them. */
const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const PART_VERBS = ['get', 'patch', 'update'];

/** A compiled version as a served resource. */
export function servedFrom(
  o: Pick<CustomResourcesOptions, 'core' | 'conversions' | 'extensions'>,
  v: Pick<VersionOptions, 'kind' | 'storage' | 'kinds' | 'webhook'> & {
    readonly generation: string;
    /** All versions of the kind, filled by the caller. */
    readonly all: ReadonlyMap<string, Served>;
  },
): Served {
  const { kind } = v;
  const { group, version, plural, scope } = kind;
  const viewId = `${version}@${v.generation}`;
  const convert = o.conversions.get(`${plural}.${group}`);
  const blank = { apiVersion: `${group}/${version}`, kind: kind.kind };
  return {
    resource: { group, version, kind: kind.kind, plural, scope },
    singular: kind.singular,
    listKind: kind.listKind,
    shortNames: kind.shortNames,
    categories: kind.categories,
    verbs: VERBS,
    collection: o.core.plane.cache.collection(`/registry/${group}/${plural}/`, scope === 'Namespaced'),
    viewId,
    ...versionConversions({ ...v, viewId, convert }),
    rules: withMetadata(kind.rules, scope),
    traits: {
      generation: kind.subresources.status ? 'spec' : 'all-but-metadata',
      unconditionalUpdate: false,
      createOnUpdate: false,
      deleteReply: 'status',
    },
    fieldSchema: once(() => customSchema(kind.schema)),
    blank: () => blank,
    versions: () => v.all,
    custom: true,
    prune: object => kind.prune(object).map(path => (path.startsWith('unknown field') ? path : `unknown field ${JSON.stringify(path)}`)),
    fields: customFieldSelector({ namespaced: scope === 'Namespaced', paths: kind.selectableFields.map(path => path.join('.')) }),
    subresources: new Map([...subresourcesOf(kind), ...(o.extensions?.get(`${plural}.${group}`) ?? [])]),
    table: crdColumns(kind.columns),
    ...(kind.deprecationWarning ? { warning: kind.deprecationWarning } : {}),
  };
}

function subresourcesOf(kind: CustomKind): Map<string, Subresource> {
  const found = new Map<string, Subresource>();
  if (kind.subresources.status) found.set('status', { verbs: PART_VERBS, type: 'part' });
  const { scale } = kind.subresources;
  if (scale) {
    const { specReplicas, statusReplicas, labelSelector: path } = scale;
    found.set('scale', {
      kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
      verbs: PART_VERBS,
      type: 'scale',
      scale: { specReplicas, statusReplicas, ...(path ? { selector: (object: AnyObject) => selectorText(at(object, ...path)) } : {}) },
    });
  }
  return found;
}

const selectorText = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : labelSelector(objectOf(value)).toString();
