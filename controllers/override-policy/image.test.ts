import { describe, expect, it } from 'vitest';
import { overrideImage } from './image.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe('image overriders', () => {
  it.each([
    ['nginx', 'Registry', 'add', 'quay.io', 'quay.io/nginx'],
    ['quay.io/library/nginx:1', 'Registry', 'remove', '', 'library/nginx:1'],
    ['localhost/x', 'Registry', 'replace', 'r:5000', 'r:5000/x'],
    ['library/nginx:1', 'Repository', 'add', '-mirror', 'library/nginx-mirror:1'],
    ['nginx:1', 'Tag', 'replace', digest, `nginx@${digest}`],
    ['nginx:1', 'Tag', 'add', '-alpine', 'nginx:1-alpine'],
    ['nginx:1', 'Tag', 'replace', 'not a tag', 'nginx:1'],
    [`nginx:1@${digest}`, 'Tag', 'remove', '', 'nginx'],
  ])('%s: %s %s %s gives %s', (image, component, operator, value, expected) => {
    expect(overrideImage(image, { component, operator, value })).toBe(expected);
  });

  it('refuses what is no image, with the reason', () => {
    expect(() => overrideImage('bad image', { component: 'Tag', operator: 'remove' })).toThrow('invalid reference format');
    expect(() => overrideImage('', { component: 'Tag', operator: 'remove' })).toThrow('repository name must have at least one component');
  });
});
