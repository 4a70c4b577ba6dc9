// What one kind adds to the generic verbs: its defaults, its validation, and what a write may not change.
import type { FieldError } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';

export interface KindRules {
  /** Fills absent fields, in place, as the version's defaulting does. Runs on decoded objects before admission and on reads of old data. */
  defaults(object: MutableObject): void;
  /** The object with the lists that defaults took out because they were empty, where the wire always writes them: a writer owns those too. */
  sent?(object: MutableObject): MutableObject;
  /** After mutating admission on create: what the server resets whatever the client sent (status, spec.finalizers of a Namespace ...). */
  prepareCreate?(object: MutableObject): void;
  /** After validation of a new object: what defaults make of what the server has set meanwhile. */
  settle?(object: MutableObject): void;
  /** After mutating admission on update of the object itself or of a subresource: fields that this path may not change are taken from `old`. */
  prepareUpdate?(object: MutableObject, old: Readonly<MutableObject>, subresource: string): void;
  /** All faults of a new object, metadata first. */
  validate(object: Readonly<MutableObject>): FieldError[];
  validateUpdate(object: Readonly<MutableObject>, old: Readonly<MutableObject>, subresource: string): FieldError[];
  /** Texts of Warning headers that the kind gives for what is deprecated or pointless. */
  warnings?(object: Readonly<MutableObject>, old?: Readonly<MutableObject>): string[];
}
