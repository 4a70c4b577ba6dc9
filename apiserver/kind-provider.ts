// Where the registry gets what a built-in kind adds to the generic verbs.

import type { KindProvider } from './registry/builtin.ts';
import type { FieldTracking, KindRules, KindTraits } from './registry/index.ts';

const PLAIN_RULES: KindRules = {
  defaults: () => undefined,
  validate: () => [],
  validateUpdate: () => [],
};

const PLAIN_TRAITS: KindTraits = { generation: 'spec', unconditionalUpdate: true, createOnUpdate: false, deleteReply: 'status' };

const UNTRACKED: FieldTracking = { track: () => undefined };

export const kindProvider: KindProvider = {
  rules: () => PLAIN_RULES,
  traits: () => PLAIN_TRAITS,
  tracking: () => UNTRACKED,
  conversion: () => undefined,
  subresource: () => undefined,
};
