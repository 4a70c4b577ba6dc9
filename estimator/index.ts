// The door of the estimators. gRPC itself is loaded by the first server or client that is made.
export { type MemberState, memberReplicas, memberSets } from './accurate.ts';
export { type EstimatorAddressOptions, estimatorAddresses, hasEstimatorService } from './address.ts';
export { type EstimatorFlags, estimatorFlags } from './flags.ts';
export { clusterReplicas, clusterSets, type GeneralOptions, generalEstimator } from './general.ts';
export { type ClientTls, type GrpcEstimatorOptions, grpcConnection, grpcEstimator } from './grpc-client.ts';
export {
  type EstimatorHandlers,
  type EstimatorServer,
  type EstimatorServerOptions,
  estimatorServer,
  type ServerTls,
} from './grpc-server.ts';
export { type MemberEstimator, type MemberEstimatorOptions, memberEstimator } from './member.ts';
export { type Answer, type EstimateInput, estimate, type Merged } from './merge.ts';
export { measuredHandlers } from './metrics.ts';
export { allocatableModelings } from './modeling.ts';
export { nearConnection } from './near-connection.ts';
export { estimatorOfMembers, type MembersEstimator } from './of-members.ts';
export { AgedEstimates, recentAnswers } from './recent.ts';
export { type Shortage, shortageOf } from './shortage.ts';
export * from './taints.ts';
export * from './types.ts';
export { type PodOwner, type UnschedulableInput, unschedulableReplicas } from './unschedulable.ts';
