export { followPath } from './follow.ts';
export { type Path, PathError, parsePath } from './parser.ts';
export { evaluateJsonPath } from './template.ts';
