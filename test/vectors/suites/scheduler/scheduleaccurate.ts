import { cycleSuite } from './cycle.ts';

export const suite = cycleSuite();
