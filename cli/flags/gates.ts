// Feature gates on the command line: Karmada's, with their defaults and stages, and our own.
import { InvalidArgumentError } from 'commander';
import { betaGates, type FeatureGate, featureGates } from '../../crds/index.ts';

export type Stage = 'ALPHA' | 'BETA';

export interface Gate {
  readonly name: string;
  readonly default: boolean;
  readonly stage: Stage;
  /** Why the gate changes nothing here; absent for gates that do. */
  readonly idle?: string;
}

/** Of the reference's logging library, which is not ours. */
const LOGGING = 'logs are always structured here';

export const gates: readonly Gate[] = [
  ...Object.entries(featureGates).map(
    ([name, on]): Gate => ({ name, default: on, stage: betaGates.has(name as FeatureGate) ? 'BETA' : 'ALPHA' }),
  ),
  { name: 'SpreadByAnyTopology', default: true, stage: 'BETA' },
  { name: 'RescheduleOnAPI', default: true, stage: 'BETA' },
  { name: 'LoggingAlphaOptions', default: false, stage: 'ALPHA', idle: LOGGING },
  { name: 'LoggingBetaOptions', default: true, stage: 'BETA', idle: LOGGING },
  { name: 'ContextualLogging', default: true, stage: 'BETA', idle: LOGGING },
];

export type GateValues = Readonly<Record<string, boolean>>;

const STAGES: ReadonlyMap<string, Stage> = new Map([
  ['AllAlpha', 'ALPHA'],
  ['AllBeta', 'BETA'],
]);

/** `Name=true,Other=false`; AllAlpha and AllBeta set what is not named itself. */
export function parseGates(text: string): GateValues {
  const named: Record<string, boolean> = {};
  const byStage: Record<string, boolean> = {};
  for (const part of text.split(',').filter(Boolean)) {
    const [name = '', value = ''] = part.split('=').map(x => x.trim());
    if (value !== 'true' && value !== 'false') throw new InvalidArgumentError(`write ${name || 'Name'}=true or ${name || 'Name'}=false`);
    const stage = STAGES.get(name);
    if (!stage && !gates.some(g => g.name === name))
      throw new InvalidArgumentError(`there is no gate ${name}: choose from ${gates.map(g => g.name).join(', ')}`);
    for (const gate of stage ? gates.filter(g => g.stage === stage && !g.idle) : []) byStage[gate.name] = value === 'true';
    if (!stage) named[name] = value === 'true';
  }
  return { ...byStage, ...named };
}

/** One line a gate, for help. */
export function gateLines(): string {
  return gates.map(g => `${g.name}=true|false (${g.stage} - default=${g.default})`).join('\n');
}
