// Which images a member can pull: all but those of registries that do not exist.
import { createHash } from 'node:crypto';

const MISSING = ['fake/', 'invalid.'];

/** Images under `fake/` or `invalid.` cannot be pulled, with or without the default registry in front. */
export function canPull(image: string): boolean {
  const name = image.replace(/^docker\.io\//, '');
  return !MISSING.some(prefix => name.startsWith(prefix));
}

/** What stands for the digest of an image: always the same for the same name. */
export function imageId(image: string): string {
  const name = image.replace(/@sha256:.*$/, '').replace(/:[^/:]*$/, '');
  return `${name}@sha256:${createHash('sha256').update(image).digest('hex')}`;
}
