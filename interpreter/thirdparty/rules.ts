// The catalogue's answers about one kind: like the native rules, but a binding may have no list of statuses, and there are components.
import type { AnyObject, Clock } from '../../kube/index.ts';
import type { AggregatedStatusItem, Component } from '../interpreter.ts';
import type { NativeRules } from '../native/rules.ts';

/** An absent method is an operation the catalogue leaves alone. */
export interface CatalogueRules extends Omit<NativeRules, 'aggregate'> {
  readonly components?: (object: AnyObject) => readonly Component[];
  readonly aggregate?: (object: AnyObject, items: readonly AggregatedStatusItem[] | undefined, clock: Clock) => AnyObject;
}
