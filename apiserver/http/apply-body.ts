// The body of a server-side apply: YAML, of which JSON is a part. Keys given twice are refused or told of only once it has been applied.
import { badRequest, isObject, scanJson, typeWord, YamlFault, yamlToJson } from '../../kube/index.ts';
import type { ApplyRequest } from '../apply/apply.ts';
import type { WriteQuery } from './options.ts';
import type { Call } from './server-parts.ts';

/** The configuration; BadRequest where the text is no YAML object. */
export function decodeApply(c: Call, w: WriteQuery): ApplyRequest {
  const { value, duplicates } = parsed(c.x.body.toString());
  if (value !== null && !isObject(value))
    throw badRequest(
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${typeWord(value)} into Go value of type map[string]interface {}`,
    );
  return {
    config: value ?? {},
    force: w.force ?? false,
    strict() {
      if (duplicates.length === 0 || w.fieldValidation === 'Ignore') return;
      if (w.fieldValidation === 'Strict')
        throw badRequest(
          `error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  ${duplicates.join('\n  ')}`,
        );
      for (const duplicate of duplicates) c.x.warnings.add(duplicate);
    },
  };
}

/** What YAML reads otherwise than JSON: escapes, line ends and control characters, numbers that no double holds. */
const UNLIKE_JSON = /\\\/|\\u[dD][89a-fA-F]|[\u007f-\u009f\u2028\u2029\ufffe\uffff]|[:,[\s]-?\d[\d.]*[eE]\+?\d{3}|\d{309}/;

function parsed(text: string): { readonly value: unknown; readonly duplicates: readonly string[] } {
  const json = text.trimStart().startsWith('{') && !UNLIKE_JSON.test(text) ? scanJson(text) : undefined;
  if (json && !('fault' in json) && json.duplicates.length === 0) return { value: json.value, duplicates: [] };
  try {
    const { json: converted, duplicates } = yamlToJson(text);
    return { value: JSON.parse(converted) as unknown, duplicates };
  } catch (error) {
    if (error instanceof YamlFault) throw badRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`, error);
    throw error;
  }
}
