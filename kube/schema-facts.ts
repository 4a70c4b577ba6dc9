// What OpenAPI tells of built-in types beside their fields: which must be there, which values a text may have, which fields are never null. Facts in one table.
import { readFileSync } from 'node:fs';

export interface SchemaFacts {
  readonly required: readonly string[];
  /** Fields whose zero value stands for an absent one. */
  readonly zero: ReadonlySet<string>;
  /** Field to the values that it, its elements or its entries may have. */
  readonly enums: Readonly<Record<string, readonly string[]>>;
  readonly unions?: readonly unknown[];
}

interface Entry {
  readonly required?: string;
  readonly zero?: string;
  readonly enums?: Readonly<Record<string, readonly string[]>>;
  readonly unions?: readonly unknown[];
}

let table: Record<string, Entry> | undefined;

const words = (text = ''): string[] => text.split(' ').filter(Boolean);

/** The facts of a message; empty ones where nothing is known. */
export function schemaFacts(message: string): SchemaFacts {
  table ??= JSON.parse(readFileSync(new URL('./facts/schemas.json', import.meta.url), 'utf8')) as Record<string, Entry>;
  const { required, zero, enums = {}, unions } = (Object.hasOwn(table, message) ? table[message] : undefined) ?? {};
  return { required: words(required), zero: new Set(words(zero)), enums, ...(unions ? { unions } : {}) };
}
