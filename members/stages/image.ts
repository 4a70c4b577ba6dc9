// Which images a member can pull: all but those of registries that do not exist.
const MISSING = ['fake/', 'invalid.'];

/** Images under `fake/` or `invalid.` cannot be pulled, with or without the default registry in front. */
export function canPull(image: string): boolean {
  const name = image.replace(/^docker\.io\//, '');
  return !MISSING.some(prefix => name.startsWith(prefix));
}
