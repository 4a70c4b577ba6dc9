// Bodies of requests into objects.
export { type Decoded, decodeBody, decodeValue, type Expected, MEDIA_TYPES } from './body.ts';
export { decodeTyped, fieldsByName, type Typed } from './typed.ts';
export { pruneUnknown } from './unknown-fields.ts';
export { YamlFault, yamlToJson } from './yaml-text.ts';
