// A configuration laid over a live object: what it names wins, lists that are owned item by item are joined, all else stays.
// The order of a joined list is that of the configuration, with the live object's own items where they stood among their neighbours.
import { isObject } from '../json.ts';
import { setOwn } from '../patch/own-key.ts';
import { itemElement } from './list-items.ts';
import { type FieldSchema, type ListSchema, type MapSchema, memberOf, schemaFor } from './schema.ts';

/** The merged object; new, but sharing what comes from one side only. */
export function merge(schema: MapSchema, live: Record<string, unknown>, config: Record<string, unknown>): Record<string, unknown> {
  return mergeMaps(schema, live, config) as Record<string, unknown>;
}

function mergeNodes(schema: FieldSchema, live: unknown, config: unknown): unknown {
  if (config === undefined) return live;
  if (live === undefined) return config;
  const s = schemaFor(schema, config === null ? live : config);
  if (s.type === 'map' && !s.atomic) {
    const [l, r] = [isObject(live) ? live : undefined, isObject(config) ? config : undefined];
    if (!noKeys(l) || !noKeys(r)) return mergeMaps(s, l ?? {}, r ?? {});
  } else if (s.type === 'list' && s.kind !== 'atomic') {
    const [l, r] = [Array.isArray(live) ? live : [], Array.isArray(config) ? config : []];
    if (l.length > 0 || r.length > 0) return mergeLists(s, l, r);
  }
  return config;
}

const noKeys = (map: object | undefined): boolean => map === undefined || Object.keys(map).length === 0;

function mergeMaps(schema: MapSchema, live: Record<string, unknown>, config: Record<string, unknown>): unknown {
  const out: Record<string, unknown> = {};
  const put = (name: string, value: unknown): void => {
    if (value !== undefined) setOwn(out, name, value);
  };
  const own = (map: Record<string, unknown>, name: string): unknown => (Object.hasOwn(map, name) ? map[name] : undefined);
  for (const name of Object.keys(live)) {
    const below = memberOf(schema, name);
    put(name, below ? mergeNodes(below, own(live, name), own(config, name)) : (own(config, name) ?? own(live, name)));
  }
  for (const name of Object.keys(config)) if (own(live, name) === undefined) put(name, own(config, name));
  return out;
}

interface Indexed {
  readonly elements: readonly string[];
  /** undefined for an element that is there more than once. */
  readonly byElement: ReadonlyMap<string, unknown>;
  readonly items: readonly unknown[];
}

function indexed(list: ListSchema, items: readonly unknown[]): Indexed {
  const elements: string[] = [];
  const kept: unknown[] = [];
  const byElement = new Map<string, unknown>();
  for (const item of items) {
    const of = itemElement(list, item);
    if ('fault' in of) continue;
    elements.push(of.element);
    kept.push(item);
    byElement.set(of.element, byElement.has(of.element) ? undefined : item);
  }
  return { elements, byElement, items: kept };
}

function mergeLists(schema: ListSchema, live: readonly unknown[], config: readonly unknown[]): unknown {
  const [l, r] = [indexed(schema, live), indexed(schema, config)];
  return mergedOrder(l.elements, r.elements).map(step => {
    if (step.from === 'live') return l.items[step.index];
    const element = r.elements[step.index] ?? '';
    return mergeNodes(schema.items, l.byElement.get(element), r.items[step.index]);
  });
}

interface Step {
  readonly from: 'live' | 'config';
  readonly index: number;
}

/** Which items make up the joined list, in order. An item of both sides stands where the configuration has it. */
export function mergedOrder(live: readonly string[], config: readonly string[]): Step[] {
  const [inLive, inConfig] = [new Set(live), new Set(config)];
  const shared = config.filter(e => inLive.has(e));
  const placed = new Set<string>();
  const out: Step[] = [];
  let [l, r, next] = [0, 0, 0];
  const place = (): void => {
    const element = config[r] ?? '';
    placed.add(element);
    out.push({ from: 'config', index: r++ });
    if (shared[next] === element) next++;
  };
  while (l < live.length || r < config.length) {
    const mine = live[l];
    if (mine !== undefined && r < config.length) {
      if (mine === config[r]) {
        l++;
        place();
        continue;
      }
      // Of both sides, but another shared item comes first: it will stand where the configuration has it.
      if (inConfig.has(mine) && next < shared.length && shared[next] !== mine) {
        l++;
        continue;
      }
    }
    if (mine !== undefined && !inConfig.has(mine)) {
      out.push({ from: 'live', index: l++ });
      continue;
    }
    if (mine !== undefined && placed.has(mine)) l++;
    if (r < config.length) place();
  }
  return out;
}
