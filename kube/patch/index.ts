// The three kinds of patch that change an object: JSON Patch, merge patch, strategic merge patch.
export { goText } from './go-text.ts';
export * from './json-patch.ts';
export { scanJson, typeWord } from './json-scan.ts';
export * from './merge-patch.ts';
export { patchStrategic, strategicMerge } from './strategic.ts';
