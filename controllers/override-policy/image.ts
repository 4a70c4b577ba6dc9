// Image overriders: an image reference taken apart into registry, repository and tag or digest, one part changed, put together again
// (specification §3.2). The first path segment is a registry only if it looks like a host.

export interface ImageOverrider {
  readonly predicate?: { readonly path: string };
  readonly component: string;
  readonly operator: string;
  readonly value?: string;
}

interface ImageReference {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const DOMAIN = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const HOST = `(?:${DOMAIN}(?:\\.${DOMAIN})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const NAME = `(?:${HOST}/)?${COMPONENT}(?:/${COMPONENT})*`;
const REFERENCE = new RegExp(
  `^(${NAME})(?::(\\w[\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`,
);
const MAX_NAME = 255;
const DIGEST_LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/** Applies one overrider to an image reference; throws where that cannot be parsed. */
export function overrideImage(image: string, overrider: ImageOverrider): string {
  return printImage(change(parseImage(image), overrider));
}

function parseImage(image: string): ImageReference {
  const fail = (why: string): never => {
    throw new Error(`failed to parse image value(${image}), error: ${why}`);
  };
  const match = REFERENCE.exec(image);
  if (!match) {
    if (image === '') return fail('repository name must have at least one component');
    return fail(REFERENCE.test(image.toLowerCase()) ? 'repository name must be lowercase' : 'invalid reference format');
  }
  const [, name = '', tag = '', digest = ''] = match;
  if (name.length > MAX_NAME) return fail(`repository name must not be more than ${MAX_NAME} characters`);
  const [algorithm = '', hex = ''] = digest.split(':');
  if (digest && !Object.hasOwn(DIGEST_LENGTHS, algorithm)) return fail('unsupported digest algorithm');
  if (digest && hex.length !== DIGEST_LENGTHS[algorithm]) return fail('invalid checksum digest length');
  if (/^[a-f0-9]{64}$/.test(image)) return fail('cannot specify 64-byte hexadecimal strings');
  return { ...splitHost(name), tag, digest: tag ? '' : digest };
}

function splitHost(name: string): Pick<ImageReference, 'registry' | 'repository'> {
  const slash = name.indexOf('/');
  const head = slash < 0 ? '' : name.slice(0, slash);
  const isHost = /[.:]/.test(head) || head === 'localhost';
  return isHost ? { registry: head, repository: name.slice(slash + 1) } : { registry: '', repository: name };
}

function change(image: ImageReference, { component, operator, value = '' }: ImageOverrider): ImageReference {
  const apply = (old: string): string =>
    operator === 'add' ? old + value : operator === 'replace' ? value : operator === 'remove' ? '' : old;
  switch (component) {
    case 'Registry':
      return { ...image, registry: apply(image.registry) };
    case 'Repository':
      return { ...image, repository: apply(image.repository) };
    case 'Tag':
      return changeTag(image, operator, apply(image.tag || image.digest));
    default:
      throw new Error(`unsupported image component(${component})`);
  }
}

function changeTag(image: ImageReference, operator: string, text: string): ImageReference {
  if (operator === 'remove') return { ...image, tag: '', digest: '' };
  if (TAG.test(text)) return { ...image, tag: text, digest: '' };
  return DIGEST.test(text) ? { ...image, tag: '', digest: text } : image;
}

function printImage({ registry, repository, tag, digest }: ImageReference): string {
  const name = registry ? `${registry}/${repository}` : repository;
  return tag ? `${name}:${tag}` : digest ? `${name}@${digest}` : name;
}
