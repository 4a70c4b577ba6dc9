import { allocatableModelings, type Node, type Pod, type ResourceModel } from '../../../../estimator/index.ts';
import type { Suite } from '../../suite.ts';
import { oneOf } from './outcome.ts';

export const suite: Suite = {
  check(c) {
    const { resourceModels, nodes, pods } = c.in as { resourceModels?: ResourceModel[]; nodes?: Node[]; pods?: Pod[] };
    return oneOf(c, { allocatableModelings: allocatableModelings(resourceModels ?? [], nodes ?? [], pods ?? []) });
  },
};
