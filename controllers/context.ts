// What every controller is given.
import type { FeatureGates } from '../crds/index.ts';
import type { InterpreterLayer } from '../interpreter/index.ts';
import type { Client, Clock, ControllerOptions, EventRecorder, Logger } from '../kube/index.ts';
import type { Backlog } from './backlog.ts';
import type { MemberVersions } from './execution/versions.ts';
import type { Members } from './members.ts';
import type { ControllerManagerOptions } from './options.ts';
import type { RestMapper } from './rest-mapper.ts';
import type { SharedInformers } from './shared-informers.ts';

export type ControllerRuntime = Pick<ControllerOptions, 'limits' | 'metrics' | 'onReconcile' | 'prioritized'>;

export interface ControllerContext {
  readonly hub: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly informers: SharedInformers;
  readonly members: Members;
  readonly mapper: RestMapper;
  readonly interpreters: InterpreterLayer;
  readonly recorder: EventRecorder;
  readonly gates: FeatureGates;
  readonly options: ControllerManagerOptions;
  /** What is on its way between bindings and members. */
  readonly backlog: Backlog;
  /** The versions of member objects whose status was told when they were applied. */
  readonly reported: MemberVersions;
  /** What every work queue and reconcile has in common. */
  readonly runtime: ControllerRuntime;
}
