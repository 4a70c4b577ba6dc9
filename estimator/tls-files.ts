// Certificates and keys that flags name: read and looked at once at the start, so that a wrong one is told of there and not call by call.
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { errorText } from '../kube/index.ts';

export type TlsPart = 'ca' | 'cert' | 'key';

/** By part: the flag, without dashes, and the path that it was given; an empty path is none. */
export type TlsFiles = Readonly<Partial<Record<TlsPart, readonly [flag: string, path: string]>>>;

/** PEM texts; rejects with an Error of one line that names the flag. */
export async function readTlsFiles(files: TlsFiles): Promise<Partial<Record<TlsPart, Buffer>>> {
  const texts: Partial<Record<TlsPart, Buffer>> = {};
  for (const part of ['ca', 'cert', 'key'] as const) {
    const [flag = '', path = ''] = files[part] ?? [];
    if (path) texts[part] = await read(flag, path);
  }
  try {
    createSecureContext(texts);
  } catch (error) {
    const flags = Object.values(files).flatMap(([flag, path]) => (path ? [`--${flag}`] : []));
    throw new Error(`the files of ${flags.join(', ')} do not make TLS: ${errorText(error)}`, { cause: error });
  }
  return texts;
}

async function read(flag: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Error(`--${flag} ${path}: ${missing ? 'there is no such file' : errorText(error)}`, { cause: error });
  }
}
