// The door of the estimators. gRPC itself is loaded by the first server or client that is made.
export { memberReplicas, memberSets } from './accurate.ts';
export { estimatorAddresses, hasEstimatorService } from './address.ts';
export { type EstimatorFlags, estimatorFlags } from './flags.ts';
export { clusterReplicas, clusterSets, generalEstimator } from './general.ts';
export { type ClientTls, grpcConnection, grpcEstimator } from './grpc-client.ts';
export {
  type EstimatorServer,
  estimatorServer,
  type ServerTls,
} from './grpc-server.ts';
export { type MemberEstimator, memberEstimator } from './member.ts';
export { type Answer, estimate } from './merge.ts';
export { measuredHandlers } from './metrics.ts';
export { allocatableModelings } from './modeling.ts';
export { nearConnection } from './near-connection.ts';
export { estimatorOfMembers, type MembersEstimator } from './of-members.ts';
export { recentAnswers } from './recent.ts';
export { shortageOf } from './shortage.ts';
export * from './taints.ts';
export { readTlsFiles } from './tls-files.ts';
export * from './types.ts';
export { type PodOwner, unschedulableReplicas } from './unschedulable.ts';
