// RE2 patterns. Plain patterns mean the same to JavaScript's own engine, which is quicker; everything else goes to an RE2
// engine, whose time is linear in the text.
import { RE2JS } from 're2js';

export interface TextPattern {
  readonly source: string;
  /** Whether the pattern occurs anywhere in the text. */
  test(text: string): boolean;
}

/** Literals, simple classes and anchors with bounded repetition of single atoms: no group, so no backtracking blow-up. */
const PLAIN = /^\^?(?:(?:[A-Za-z0-9_\- /:]|\\[.\-/]|\[\^?[A-Za-z0-9_.\-/]+\])(?:[*+?]|\{\d{1,2}(?:,\d{1,2})?\})?){0,3}\$?$/;
const REVERSED_RANGE_OR_DASH = /\[[^\]]*(?:[A-Za-z0-9]-[^A-Za-z0-9\]]|[^A-Za-z0-9[^]-[^\]])/;
const cache = new Map<string, TextPattern>();
const CACHE_LIMIT = 2000;

/** The compiled pattern. An invalid one matches nothing: CRD validation has refused it before. */
export function pattern(source: string): TextPattern {
  const known = cache.get(source);
  if (known) return known;
  const made = make(source);
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(source, made);
  return made;
}

function make(source: string): TextPattern {
  if (PLAIN.test(source) && !REVERSED_RANGE_OR_DASH.test(source)) {
    try {
      const quick = new RegExp(source, 'u');
      return { source, test: text => quick.test(text) };
    } catch {
      // Not JavaScript: RE2 decides.
    }
  }
  const compiled = tryCompile(source);
  return { source, test: compiled ? text => compiled.matcher(text).find() : () => false };
}

function tryCompile(source: string): RE2JS | undefined {
  try {
    return RE2JS.compile(source);
  } catch {
    return undefined;
  }
}

/** Why a pattern is no RE2 expression, in the words of Go; undefined for a good one. */
export function patternError(source: string): string | undefined {
  try {
    RE2JS.compile(source);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
