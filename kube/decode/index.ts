// Bodies of requests into objects.
export { decodeBody, decodeValue, MEDIA_TYPES } from './body.ts';
export { decodeTyped, fieldsByName } from './typed.ts';
export { pruneUnknown } from './unknown-fields.ts';
export { YamlFault, yamlToJson } from './yaml-text.ts';
