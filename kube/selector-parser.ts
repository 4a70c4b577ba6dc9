// The text form of label selectors: `a,!b,c=d,e in (f,g),h>1`. A tokenizer and a parser by hand, because the texts of
// refusals name what was found and what was expected (specification/apiserver §2.12).
import { checkKey, type LabelOperator, type Requirement, requirement, SelectorError } from './requirement.ts';

type TokenKind = 'word' | 'in' | 'notin' | '=' | '==' | '!=' | '!' | '(' | ')' | ',' | '>' | '<' | 'end';
interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const END: Token = { kind: 'end', text: '' };
const TOKEN = /[ \t\r\n]*(==|!=|[=!(),<>]|[^ \t\r\n=!(),<>\0]+)/y;

function tokens(text: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const [, word = ''] = match;
    const kind = /^(in|notin|==|!=|[=!(),<>])$/.test(word) ? (word as TokenKind) : 'word';
    found.push({ kind, text: word });
  }
  return found;
}

const BINARY: Partial<Record<TokenKind, LabelOperator>> = {
  in: 'in',
  notin: 'notin',
  '=': '=',
  '==': '==',
  '!=': '!=',
  '>': 'gt',
  '<': 'lt',
};

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#tokens = tokens(text);
  }

  parse(): Requirement[] {
    const requirements: Requirement[] = [];
    let token = this.#peek();
    while (token.kind !== 'end') {
      if (token.kind !== 'word' && token.kind !== '!') {
        throw new SelectorError(`found '${token.text}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#requirement());
      const separator = this.#take();
      if (separator.kind === 'end') break;
      if (separator.kind !== ',') throw new SelectorError(`found '${separator.text}', expected: ',' or 'end of string'`);
      token = this.#peek();
      if (token.kind !== 'word' && token.kind !== '!') throw new SelectorError(`found '${token.text}', expected: identifier after ','`);
    }
    return requirements;
  }

  /** `in` and `notin` are ordinary words except where an operator is due. */
  #peek(): Token {
    const token = this.#tokens[this.#next] ?? END;
    return token.kind === 'in' || token.kind === 'notin' ? { kind: 'word', text: token.text } : token;
  }

  #take(): Token {
    const token = this.#peek();
    this.#next++;
    return token;
  }

  #requirement(): Requirement {
    try {
      return this.#parseRequirement();
    } catch (error) {
      if (!(error instanceof SelectorError)) throw error;
      throw new SelectorError(`unable to parse requirement: ${error.message}`);
    }
  }

  #parseRequirement(): Requirement {
    const absent = this.#peek().kind === '!';
    if (absent) this.#take();
    const key = this.#take();
    if (key.kind !== 'word') throw new SelectorError(`found '${key.text}', expected: identifier`);
    checkKey(key.text);
    if (absent) return requirement(key.text, '!', []);
    const after = this.#peek().kind;
    if (after === 'end' || after === ',') return requirement(key.text, 'exists', []);
    const operator = this.#operator();
    const values = operator === 'in' || operator === 'notin' ? this.#list() : [this.#value()];
    return requirement(key.text, operator, [...new Set(values)].sort());
  }

  #operator(): LabelOperator {
    const token = this.#tokens[this.#next++] ?? END;
    const operator = BINARY[token.kind];
    if (!operator) throw new SelectorError(`found '${token.text}', expected: in, notin, =, ==, !=, gt, lt`);
    return operator;
  }

  #value(): string {
    const { kind } = this.#peek();
    if (kind === 'end' || kind === ',') return '';
    const token = this.#take();
    if (token.kind !== 'word') throw new SelectorError(`found '${token.text}', expected: identifier`);
    return token.text;
  }

  /** `(a,b)`; a missing word stands for the empty value. */
  #list(): string[] {
    const open = this.#take();
    if (open.kind !== '(') throw new SelectorError(`found '${open.text}' expected: '('`);
    const first = this.#peek();
    if (first.kind !== 'word' && first.kind !== ',' && first.kind !== ')') {
      throw new SelectorError(`found '${first.text}', expected: ',', ')' or identifier`);
    }
    const values: string[] = [];
    let wordDue = true;
    for (;;) {
      const token = this.#take();
      if (token.kind === ')') {
        if (wordDue) values.push('');
        return values;
      }
      if (token.kind === 'word') {
        values.push(token.text);
        const next = this.#peek();
        if (next.kind !== ',' && next.kind !== ')') throw new SelectorError(`found '${next.text}', expected: ',' or ')'`);
        wordDue = false;
      } else if (token.kind === ',') {
        if (wordDue) values.push('');
        wordDue = true;
      } else throw new SelectorError(`found '${token.text}', expected: ',', or identifier`);
    }
  }
}

/** The requirements of a selector's text, in the order written. */
export function parseRequirements(text: string): Requirement[] {
  return new Parser(text).parse();
}
