// The door of tables.
export { builtinColumns } from './builtin.ts';
export * from './table.ts';
