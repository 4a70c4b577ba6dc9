// ResourceInterpreterCustomization: teaches the interpreter a kind, in Lua.
import { z } from 'zod';
import type { KubeObject } from '../kube/index.ts';
import type { Infer } from './schema.ts';

const rule = () => z.object({ luaScript: z.string() }).exactOptional();

const customizations = z
  .object({
    retention: rule().describe('Which fields of the member object stay: Retain(desiredObj, observedObj).'),
    replicaResource: rule().describe('Replicas and what one needs: GetReplicas(obj).'),
    componentResource: rule().describe('Pod templates of a workload with several: GetComponents(obj).'),
    replicaRevision: rule().describe('Sets the replicas: ReviseReplica(obj, desiredReplica).'),
    statusReflection: rule().describe('The status to report: ReflectStatus(observedObj).'),
    statusAggregation: rule().describe('Sums up statuses: AggregateStatus(desiredObj, statusItems).'),
    healthInterpretation: rule().describe('Whether it is healthy: InterpretHealth(observedObj).'),
    dependencyInterpretation: rule().describe('What it refers to: GetDependencies(desiredObj).'),
  })
  .describe('One script an operation.');
export type CustomizationRules = Infer<typeof customizations>;

const spec = z.object({ target: z.object({ apiVersion: z.string(), kind: z.string() }), customizations });

export const resourceInterpreterCustomization = z.object({ spec }).describe('Says in Lua how to read and change objects of one kind.');
export interface ResourceInterpreterCustomization extends KubeObject, Infer<typeof resourceInterpreterCustomization> {}
