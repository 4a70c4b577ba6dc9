// Field selectors: `metadata.name=x,status.phase!=Running`, with `\` before `\`, `,` and `=` in values.
import { SelectorError } from './requirement.ts';

export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

export interface FieldSelector {
  readonly requirements: readonly FieldRequirement[];
  /** Matches everything. */
  readonly empty: boolean;
  /** `get` answers '' for a field the object does not have. */
  matches(get: (field: string) => string): boolean;
  /** Canonical text. */
  toString(): string;
}

/** A selector of given requirements. */
function fieldSelector(requirements: readonly FieldRequirement[]): FieldSelector {
  return {
    requirements,
    empty: requirements.length === 0,
    matches: get => requirements.every(r => (get(r.field) === r.value) === (r.operator === '=')),
    toString: () => requirements.map(r => `${r.field}${r.operator}${r.value.replace(/[\\,=]/g, '\\$&')}`).join(','),
  };
}

/** Reads a field selector; throws a SelectorError. Which fields a kind has is another question: see `fieldSelectorOf`. */
export function parseFieldSelector(text: string): FieldSelector {
  const clauses = (text.match(/(?:\\.|[^,\\]|\\$)+/gs) ?? []).sort();
  return fieldSelector(
    clauses.map(clause => {
      const [, field, sign, value = ''] = /^(.*?)(!=|==|=)(.*)$/s.exec(clause) ?? [];
      if (field === undefined) throw new SelectorError(`invalid selector: '${text}'; can't understand '${clause}'`);
      return { field, operator: sign === '!=' ? '!=' : '=', value: unescaped(value) };
    }),
  );
}

function unescaped(value: string): string {
  return value.replace(/\\(.?)|[,=]/gsu, (match: string, escaped: string | undefined) => {
    if (escaped === undefined) {
      throw new SelectorError(`invalid field selector: unescaped character in value: ${match.charCodeAt(0)}`);
    }
    if (!/^[\\,=]$/.test(escaped)) throw new SelectorError(`invalid field selector: invalid escape sequence: ${match}`);
    return escaped;
  });
}
