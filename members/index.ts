// The door of the embedded member clusters.
export { MEMBER_KUBERNETES_VERSION, type Member, type MemberOptions, memberCluster } from './cluster.ts';
export type { MemberAccess } from './door.ts';
export { controlPlaneNode, type NodeShape, nodeShapes } from './seed.ts';
export { POWER_ANNOTATION } from './stages/nodes.ts';
