// An informer as client-go's Reflector works: list, watch from there, again from the last version; relist on 410 only.
import { sleep, systemClock } from '../../kube/index.ts';
import { type Frame, type Http, type Json, ok, type Watching } from './http.ts';

export interface Reflector {
  /** Names of what it holds, sorted. */
  names(): string[];
  get(name: string): Json | undefined;
  lists(): number;
  /** Every version it has seen, in order. */
  readonly versions: readonly number[];
  stop(): void;
}

const RETRY_MS = 100;

/** Follows a collection until it is stopped; from a version, where one is given, else from a list. */
export function reflector(http: Http, path: string, o: { readonly from?: string; readonly query?: string } = {}): Reflector {
  const held = new Map<string, Json>();
  const versions: number[] = [];
  const query = o.query ? `&${o.query}` : '';
  let lists = 0;
  let stopped = false;
  let watching: Watching | undefined;
  /** The version to go on from; undefined: it has to list again. */
  let last = o.from;
  const take = ({ type, object }: Frame): void => {
    if (type === 'ERROR') {
      last = undefined;
      return;
    }
    const { name, resourceVersion } = object.metadata;
    last = resourceVersion;
    versions.push(Number(resourceVersion));
    if (type === 'DELETED') held.delete(name);
    else if (type !== 'BOOKMARK') held.set(name, object);
  };
  const list = async (): Promise<string> => {
    const found = ok(await http.send('GET', `${path}?resourceVersion=0${query}`), 200);
    lists++;
    held.clear();
    for (const item of found.items) held.set(item.metadata.name, item);
    return found.metadata.resourceVersion;
  };
  const run = async (): Promise<void> => {
    while (!stopped) {
      try {
        last ??= await list();
        watching = await http.watch(`${path}?watch=true&allowWatchBookmarks=true&resourceVersion=${last}${query}`, {}, take);
        await watching.ended;
      } catch {
        await sleep(systemClock, RETRY_MS);
      }
    }
  };
  void run();
  return {
    names: () => [...held.keys()].sort(),
    get: name => held.get(name),
    lists: () => lists,
    versions,
    stop() {
      stopped = true;
      watching?.close();
    },
  };
}
