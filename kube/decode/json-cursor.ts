// Steps through the text of a JSON value that is known to be well-formed (see scanJson): token by token, without a call stack.

/** The text of a JSON string token; halves of surrogate pairs become the replacement character. */
export const unescaped = (token: string): string =>
  token.includes('\\') ? (JSON.parse(token) as string).replace(/\p{Surrogate}/gu, '\ufffd') : token.slice(1, -1);

export class JsonCursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The first character of the next token. */
  peek(): string {
    for (;;) {
      const c = this.#text.charAt(this.#at);
      if (c !== ' ' && c !== '\n' && c !== '\r' && c !== '\t') return c;
      this.#at++;
    }
  }

  /** Goes past one punctuation character. */
  pass(): void {
    this.peek();
    this.#at++;
  }

  /** Goes past a comma, if there is one: more members follow. */
  more(end: string): boolean {
    const c = this.peek();
    if (c === ',') {
      this.#at++;
      return true;
    }
    if (c !== end) return true;
    this.#at++;
    return false;
  }

  /** A whole value as text. */
  raw(): string {
    this.peek();
    const start = this.#at;
    let depth = 0;
    do {
      const c = this.#text.charAt(this.#at);
      if (c === '"') this.#string();
      else {
        if (c === '{' || c === '[') depth++;
        else if (c === '}' || c === ']') depth--;
        this.#at++;
        if (depth === 0 && c !== '}' && c !== ']') this.#literal();
      }
    } while (depth > 0);
    return this.#text.slice(start, this.#at);
  }

  #literal(): void {
    while (this.#at < this.#text.length && !' \n\r\t,]}:'.includes(this.#text.charAt(this.#at))) this.#at++;
  }

  /** A string, unescaped. */
  string(): string {
    this.peek();
    const start = this.#at;
    this.#string();
    const token = this.#text.slice(start, this.#at);
    return unescaped(token);
  }

  #string(): void {
    for (this.#at++; ; this.#at++) {
      const c = this.#text.charCodeAt(this.#at);
      if (c === 0x5c) this.#at++;
      else if (c === 0x22) break;
    }
    this.#at++;
  }
}
