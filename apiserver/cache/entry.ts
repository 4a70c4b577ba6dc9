// One object at one revision, as bytes and, once asked for, as an object; shared by every list, watch and informer.
import { type AnyObject, deepFreeze, exactJson, parseJson } from '../../kube/index.ts';

/** Frozen objects make a change of a cached object throw at once; tests switch it on, production does without the cost. */
const freeze = { enabled: process.env['VITEST'] !== undefined };

export class Entry {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly revision: number;
  readonly bytes: Buffer;
  #object: AnyObject | undefined;
  #views: Map<string, Entry> | undefined;

  constructor(o: { key: string; namespace: string; name: string; revision: number; bytes: Buffer; object?: AnyObject }) {
    this.key = o.key;
    this.namespace = o.namespace;
    this.name = o.name;
    this.revision = o.revision;
    this.bytes = o.bytes;
    this.#object = o.object;
    if (freeze.enabled && o.object) deepFreeze(o.object);
  }

  /** The object in its storage version. Never change it. */
  get object(): AnyObject {
    if (!this.#object) {
      this.#object = parseJson(this.bytes.toString()) as AnyObject;
      if (freeze.enabled) deepFreeze(this.#object);
    }
    return this.#object;
  }

  /** This entry converted to another version, made once. */
  view(id: string, convert: (object: AnyObject) => AnyObject): Entry {
    const known = this.#views?.get(id);
    if (known) return known;
    const object = convert(this.object);
    const made = object === this.#object ? this : new Entry({ ...this.#identity(), bytes: Buffer.from(exactJson(object)), object });
    this.#views ??= new Map();
    this.#views.set(id, made);
    return made;
  }

  /** Whether the view has been made. */
  hasView(id: string): boolean {
    return this.#views?.has(id) === true;
  }

  /** The last state of a deleted object, carrying the revision of its deletion. */
  deletedAt(revision: number): Entry {
    const object = { ...this.object, metadata: { ...this.object.metadata, resourceVersion: String(revision) } };
    const made = new Entry({ ...this.#identity(), revision, bytes: Buffer.from(exactJson(object)), object });
    for (const [id, view] of this.#views ?? []) {
      made.#views ??= new Map();
      made.#views.set(id, view === this ? made : view.deletedAt(revision));
    }
    return made;
  }

  #identity(): { key: string; namespace: string; name: string; revision: number } {
    return { key: this.key, namespace: this.namespace, name: this.name, revision: this.revision };
  }
}
