// The door of the API kinds of our own.
export * from './naming.ts';
