// The words our schemas are written in. Each returns a zod schema whose JSON Schema (see openapi.ts) is what Kubernetes
// expects of that type; nothing here is loaded by a process that only needs types, Resource constants or the CRDs.
import { z } from 'zod';

/** The readonly TypeScript type of a schema: what objects out of the API look like. */
export type Infer<S extends z.ZodType> = Frozen<z.infer<S>>;

type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

const QUANTITY_PATTERN =
  '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$';

/** A whole number of 64 bits. */
export const int64 = () => z.int().meta({ format: 'int64' });

/** RFC 3339, as metav1.Time. */
export const time = () => z.iso.datetime({ offset: true });

/** An amount such as `500m`, `2Gi` or 3. */
export const quantity = () => z.union([z.int(), z.string().regex(new RegExp(QUANTITY_PATTERN))]);

/** Resource name (cpu, memory …) to amount. */
export const resourceList = () => z.record(z.string(), quantity());

export const stringMap = () => z.record(z.string(), z.string());
export const strings = () => z.array(z.string());

/** Any JSON value at all, kept as it is. */
export const anyValue = () => z.unknown().meta({ 'x-kubernetes-preserve-unknown-fields': true });

/** An object of a shape we do not know, kept as it is. */
export const anyObject = () => z.record(z.string(), z.unknown()).meta({ 'x-kubernetes-preserve-unknown-fields': true });

/** A list that server-side apply replaces as a whole. */
export const atomicList = <S extends z.ZodType>(item: S) => z.array(item).meta({ 'x-kubernetes-list-type': 'atomic' });

/** A list whose items are identified by `key`. */
export const mapList = <S extends z.ZodType>(item: S, key: string) =>
  z.array(item).meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] });

/** An object that server-side apply replaces as a whole. */
export const atomicObject = <S extends z.core.$ZodLooseShape>(shape: S) => z.object(shape).meta({ 'x-kubernetes-map-type': 'atomic' });
