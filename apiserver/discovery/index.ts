// The door of discovery.
export * from './documents.ts';
