// The gRPC service: paths and codecs. @grpc/grpc-js is loaded when first needed.
import type { MethodDefinition } from '@grpc/grpc-js';
import { type Codec, countResponse, replicasRequest, setsRequest, unschedulableRequest } from './messages.ts';

const SERVICE = 'github.com.karmada_io.karmada.pkg.estimator.service.Estimator';

function unary<T>(name: string, request: Codec<T>): MethodDefinition<T, number> {
  return {
    path: `/${SERVICE}/${name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: value => request.encode(value),
    requestDeserialize: bytes => request.decode(bytes),
    responseSerialize: value => countResponse.encode(value),
    responseDeserialize: bytes => countResponse.decode(bytes),
  };
}

export const service = {
  maxAvailableReplicas: unary('MaxAvailableReplicas', replicasRequest),
  maxAvailableComponentSets: unary('MaxAvailableComponentSets', setsRequest),
  getUnschedulableReplicas: unary('GetUnschedulableReplicas', unschedulableRequest),
};
