// Tokens from a file, one a line: token,user,uid[,"group1,group2"]. They are good until the server is started anew.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { TokenAuthenticator } from './bearer.ts';
import type { UserInfo } from './user.ts';

const FIELD = /("(?:[^"]|"")*"|[^,]*)(,|$)/y;

/** `text`: the file's content. Throws where a line lacks a field; the message names the line, never the token. */
export function staticTokens(text: string): TokenAuthenticator {
  const users = new Map<string, UserInfo>();
  text.split(/\r?\n/).forEach((line, i) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    const [token = '', username = '', uid = '', groups = ''] = fields(line);
    if (token === '' || username === '') throw new Error(`line ${i + 1} of the token file: expected token,user,uid[,"group1,group2"]`);
    users.set(digest(token).toString('hex'), {
      username,
      ...(uid ? { uid } : {}),
      groups: groups.split(',').filter(g => g !== ''),
    });
  });
  return {
    name: 'tokenfile',
    authenticateToken(token, audiences) {
      const user = users.get(digest(token).toString('hex'));
      return user && { user, audiences };
    },
  };
}

/** Texts are compared by their digests, in constant time. */
export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function fields(line: string): string[] {
  const found: string[] = [];
  FIELD.lastIndex = 0;
  for (let match = FIELD.exec(line); match; match = FIELD.exec(line)) {
    const text = (match[1] ?? '').trim();
    found.push(text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text);
    if (match[2] === '') break;
  }
  return found;
}
