// The door of the embedded member clusters.
export { type Member, memberCluster } from './cluster.ts';
export type { MemberAccess } from './door.ts';
export { nodeShapes } from './seed.ts';
export { POWER_ANNOTATION } from './stages/nodes.ts';
