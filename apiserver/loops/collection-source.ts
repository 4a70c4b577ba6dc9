// Changes of the server's own collections as keys: what informers are to a controller elsewhere, without a copy.
import { type AnyObject, keyOf, keyText, type Source } from '../../kube/index.ts';
import type { Core, Served } from '../registry/index.ts';

export interface ChangesOptions {
  /** The keys that an object concerns; its own without. */
  readonly keys?: (object: AnyObject, gone: boolean) => Iterable<string>;
  /** Whether deletions count too. */
  readonly deletions?: boolean;
}

/** Every object that is there, then every change. */
export function changesOf(served: Served, o: ChangesOptions = {}): Source {
  const { collection } = served;
  return {
    synced: Promise.resolve(),
    start(enqueue) {
      const tell = (object: AnyObject, gone: boolean): void => {
        for (const key of o.keys?.(object, gone) ?? [keyText(keyOf(object))]) enqueue(key);
      };
      for (const entry of collection.list({ namespace: '', accept: () => true }).entries) tell(entry.object, false);
      return collection.subscribe('', event => {
        if (event.type !== 'DELETED') tell(event.entry.object, false);
        else if (o.deletions) tell(event.entry.object, true);
      });
    },
  };
}

/** A resource that this server must serve. */
export function needed(core: Core, group: string, plural: string): Served {
  const found = core.catalog.find(group, 'v1', plural);
  if (!found) throw new Error(`${plural} is not served`);
  return found;
}

/** The objects of a namespace ('' = all) as they are now. */
export function present(served: Served, namespace = ''): AnyObject[] {
  return served.collection.list({ namespace, accept: () => true }).entries.map(e => e.object);
}
