// The door of the controllers.
export { type AppliedOverride, applyOverrides, type Overridden, type OverrideInput } from './override-policy/apply.ts';
