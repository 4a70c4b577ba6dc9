// Objects out of files as kubectl takes them: YAML or JSON, several documents a file, lists, whole folders, `-` for standard input.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type AnyObject, at, isObject, listOf } from '../kube/index.ts';

const ENDINGS = new Set(['.yaml', '.yml', '.json']);

export interface Document {
  /** Where it came from. */
  readonly source: string;
  readonly value: unknown;
}

/** All documents of all files in order; throws an Error that names the file. */
export function readDocuments(files: readonly string[]): Document[] {
  return files.flatMap(filesIn).flatMap(source => documentsOf(source));
}

/** All objects of all files in order, lists taken apart. */
export function readManifests(files: readonly string[]): { readonly source: string; readonly object: AnyObject }[] {
  return readDocuments(files).flatMap(({ source, value }) => {
    const items = isObject(value) && typeof value['kind'] === 'string' && value['kind'].endsWith('List') ? listOf(value['items']) : [value];
    return items.map(item => ({ source, object: objectIn(item, source) }));
  });
}

function filesIn(path: string): string[] {
  if (path === '-') return [path];
  try {
    if (!statSync(path).isDirectory()) return [path];
  } catch {
    throw new Error(`${path}: there is no such file`);
  }
  return readdirSync(path)
    .filter(name => ENDINGS.has(extname(name)))
    .sort()
    .map(name => join(path, name));
}

function documentsOf(source: string): Document[] {
  const documents = parseAllDocuments(readFileSync(source === '-' ? 0 : source, 'utf8'));
  return documents.flatMap(document => {
    const [error] = document.errors;
    if (error) throw new Error(`${source}: ${error.message.split('\n')[0]}`);
    const value: unknown = document.toJS();
    return value === null || value === undefined ? [] : [{ source, value }];
  });
}

function objectIn(value: unknown, source: string): AnyObject {
  const named = at(value, 'metadata', 'name') ?? at(value, 'metadata', 'generateName');
  if (!isObject(value) || typeof value['apiVersion'] !== 'string' || typeof value['kind'] !== 'string' || typeof named !== 'string')
    throw new Error(`${source}: a document is no object: apiVersion, kind and metadata.name are needed`);
  return value as unknown as AnyObject;
}
