// All interpreter layers behind one Interpreter. For a kind and an operation the first layer that has an entry answers, and its
// error is final: customizations, then webhooks, then the third-party catalogue, then the native rules (specification §5.2).
import type { ResourceInterpreterCustomization } from '../crds/index.ts';
import { type AnyObject, type Clock, plain500 } from '../kube/index.ts';
import { customizationLayer } from './customization.ts';
import { type CompleteInterpreter, type Interpreter, type InterpreterLayer, type InterpreterOperation, METHOD_OF } from './interpreter.ts';
import { LuaPool } from './lua/pool.ts';
import { nativeLayer } from './native/index.ts';
import { thirdpartyLayer } from './thirdparty/index.ts';
import { type WebhookOptions, webhookLayer } from './webhook.ts';

export interface InterpreterChainOptions {
  readonly clock: Clock;
  /** All customizations that exist now; the same objects as long as nothing changed. */
  readonly customizations?: () => readonly ResourceInterpreterCustomization[];
  readonly webhooks?: Pick<WebhookOptions, 'configurations' | 'serviceHost'>;
}

export interface InterpreterChain extends CompleteInterpreter, InterpreterLayer {
  /** Whether some layer has an entry for the kind and the operation (HookEnabled). */
  enabled(gvk: { readonly apiVersion: string; readonly kind: string }, operation: InterpreterOperation): boolean;
  /** Ends the thread that scripts run in. */
  close(): void;
}

/** The chain a plane uses. */
export function interpreterChain(o: InterpreterChainOptions): InterpreterChain {
  const pool = new LuaPool(o.clock);
  const layers = [
    ...(o.customizations ? [customizationLayer(o.customizations, pool)] : []),
    ...(o.webhooks ? [webhookLayer({ ...o.webhooks, clock: o.clock })] : []),
    thirdpartyLayer(o.clock),
    nativeLayer(o.clock),
  ];
  return { ...chainOf(layers), close: () => pool.close() };
}

/** A chain of any layers, the first of which is asked first. */
export function chainOf(layers: readonly InterpreterLayer[]): Omit<InterpreterChain, 'close'> {
  const find = <M extends keyof Interpreter>(apiVersion: string, kind: string, method: M): NonNullable<Interpreter[M]> | undefined => {
    for (const layer of layers) {
      const answer = layer.interpreterFor(apiVersion, kind)?.[method];
      if (answer) return answer;
    }
    return undefined;
  };
  const entry = <M extends keyof Interpreter>(object: AnyObject, method: M): NonNullable<Interpreter[M]> => {
    const answer = find(object.apiVersion, object.kind, method);
    if (!answer) throw plain500(`no interpreter answers ${operationOf(method)} for ${object.apiVersion}, Kind=${object.kind}`);
    return answer;
  };
  return {
    name: 'chain',
    interpreterFor: (apiVersion, kind) => together(apiVersion, kind, find),
    enabled: ({ apiVersion, kind }, operation) => find(apiVersion, kind, METHOD_OF[operation]) !== undefined,
    replicas: async (object, signal) => entry(object, 'replicas')(object, signal),
    components: async (object, signal) => entry(object, 'components')(object, signal),
    revise: async (object, replicas, signal) => entry(object, 'revise')(object, replicas, signal),
    retain: async (desired, observed, signal) => entry(desired, 'retain')(desired, observed, signal),
    aggregate: async (object, items, signal) => entry(object, 'aggregate')(object, items, signal),
    dependencies: async (object, signal) => entry(object, 'dependencies')(object, signal),
    reflect: async (observed, signal) => entry(observed, 'reflect')(observed, signal),
    health: async (observed, signal) => entry(observed, 'health')(observed, signal),
  };
}

type Find = <M extends keyof Interpreter>(apiVersion: string, kind: string, method: M) => NonNullable<Interpreter[M]> | undefined;

/** The answers of all layers for a kind as one entry; undefined where no layer has any. */
function together(apiVersion: string, kind: string, find: Find): Interpreter | undefined {
  const entry: Record<string, unknown> = {};
  for (const method of new Set(Object.values(METHOD_OF))) {
    const answer = find(apiVersion, kind, method);
    if (answer) entry[method] = answer;
  }
  return Object.keys(entry).length > 0 ? (entry as Interpreter) : undefined;
}

function operationOf(method: keyof Interpreter): string {
  return Object.entries(METHOD_OF).find(([, name]) => name === method)?.[0] ?? method;
}
