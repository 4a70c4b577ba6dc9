// The door of tables.
export * from './table.ts';
