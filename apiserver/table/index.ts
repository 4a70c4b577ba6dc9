// The door of tables.
export { builtinColumns } from './builtin.ts';
export { clusterColumns } from './cluster-columns.ts';
export * from './table.ts';
