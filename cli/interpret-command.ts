// `flotilla interpret`: try resource interpreters on files, without a control plane.
import { type Command, Option } from 'commander';
import { stringify } from 'yaml';
import type { ResourceInterpreterCustomization } from '../crds/index.ts';
import type { AggregatedStatusItem, Execution, InterpreterOperation, RuleCheck } from '../interpreter/index.ts';
import { type AnyObject, systemClock } from '../kube/index.ts';
import { readDocuments, readManifests } from './manifests.ts';

/** Words that `--operation` takes, in any case: those of the API, and the names of rules. */
const OPERATIONS: Readonly<Record<InterpreterOperation, string>> = {
  InterpretReplica: 'replicaResource',
  InterpretComponent: 'componentResource',
  ReviseReplica: 'replicaRevision',
  Retain: 'retention',
  AggregateStatus: 'statusAggregation',
  InterpretStatus: 'statusReflection',
  InterpretHealth: 'healthInterpretation',
  InterpretDependency: 'dependencyInterpretation',
};

interface InterpretOptions {
  readonly filename: readonly string[];
  readonly check?: boolean;
  readonly execute?: boolean;
  readonly operation?: string;
  readonly desiredFile?: string;
  readonly observedFile?: string;
  readonly statusFile?: string;
  readonly desiredReplica?: string;
}

const EXAMPLES = `
Examples:
  flotilla interpret -f customization.yaml --check
  flotilla interpret -f customization.yaml --operation InterpretReplica --desired-file foo.yaml
  flotilla interpret --operation ReviseReplica --desired-file deployment.yaml --desired-replica 3     # native rules
  flotilla interpret -f customization.yaml --operation Retain --desired-file foo.yaml --observed-file member-foo.yaml
  flotilla interpret -f customization.yaml --operation AggregateStatus --desired-file foo.yaml --status-file items.yaml`;

export function addInterpret(program: Command, description: string): void {
  program
    .command('interpret')
    .description(description)
    .option('-f, --filename <file...>', 'files of ResourceInterpreterCustomizations; without, the third-party and native rules answer', [])
    .option('--check', 'tell whether the scripts compile and define their functions')
    .option('--execute', 'execute an operation (the default)')
    .addOption(new Option('--operation <name>', `one of ${Object.keys(OPERATIONS).join(', ')}`))
    .option('--desired-file <file>', 'the object of the control plane')
    .option('--observed-file <file>', 'the object of a member cluster')
    .option('--status-file <file>', 'AggregatedStatusItems, one a document')
    .option('--desired-replica <number>', 'replicas for ReviseReplica')
    .addHelpText('after', EXAMPLES)
    .action((options: InterpretOptions) => interpret(options));
}

async function interpret(o: InterpretOptions): Promise<void> {
  if (o.check && o.execute) throw new Error('give --check or --execute, not both');
  const customizations = customizationsIn(o.filename);
  const { checkCustomizations, interpretedRules, interpretObject, LuaPool } = await import('../interpreter/index.ts');
  const pool = new LuaPool(systemClock);
  try {
    if (o.check) {
      if (customizations.length === 0) throw new Error('--check needs -f with customizations');
      const checks = await checkCustomizations(
        customizations.map(c => c.object),
        pool,
      );
      console.log(checkText(customizations, checks, interpretedRules));
      if (checks.some(c => c.error !== undefined)) process.exitCode = 1;
      return;
    }
    const results = await interpretObject(
      customizations.map(c => c.object),
      executionOf(o),
      { pool, clock: systemClock },
    );
    console.log(resultText(results));
  } finally {
    pool.close();
  }
}

interface Customization {
  readonly source: string;
  readonly object: ResourceInterpreterCustomization;
}

function customizationsIn(files: readonly string[]): Customization[] {
  return readManifests(files).map(({ source, object }) => {
    if (object.kind !== 'ResourceInterpreterCustomization')
      throw new Error(`${source}: ${object.kind} is no ResourceInterpreterCustomization`);
    const customization = object as unknown as ResourceInterpreterCustomization;
    if (!customization.spec?.target?.kind || !customization.spec.customizations)
      throw new Error(`${source}: spec.target and spec.customizations are needed`);
    return { source, object: customization };
  });
}

function executionOf(o: InterpretOptions): Execution {
  const one = (file: string): AnyObject => {
    const [first, ...more] = readManifests([file]);
    if (!first || more.length > 0) throw new Error(`${file}: exactly one object is needed`);
    return first.object;
  };
  const replicas = Number(o.desiredReplica ?? 0);
  if (!Number.isInteger(replicas) || replicas < 0) throw new Error(`--desired-replica ${o.desiredReplica}: write a whole number`);
  return {
    operation: operationOf(o.operation),
    ...(o.desiredFile ? { desired: one(o.desiredFile) } : {}),
    ...(o.observedFile ? { observed: one(o.observedFile) } : {}),
    ...(o.statusFile ? { items: readDocuments([o.statusFile]).map(d => d.value as AggregatedStatusItem) } : {}),
    replicas,
  };
}

function operationOf(name: string | undefined): InterpreterOperation {
  const wanted = name?.toLowerCase();
  for (const [operation, rule] of Object.entries(OPERATIONS) as [InterpreterOperation, string][])
    if (wanted === operation.toLowerCase() || wanted === rule.toLowerCase()) return operation;
  throw new Error(`--operation ${name ?? 'is missing'}: write one of ${Object.keys(OPERATIONS).join(', ')}`);
}

function checkText(customizations: readonly Customization[], checks: readonly RuleCheck[], rules: readonly RuleCheck['rule'][]): string {
  return customizations
    .map(({ source, object: { metadata, spec } }) => {
      const lines = rules.map(rule => {
        const check = checks.find(c => c.customization === (metadata.name ?? '') && c.rule === rule);
        const outcome = check ? (check.error === undefined ? 'PASS' : `ERROR: ${check.error}`) : 'UNSET';
        return `    ${`${rule}:`.padEnd(28)}${outcome}`;
      });
      return [`SOURCE: ${source}`, `TARGET: ${spec.target.apiVersion} ${spec.target.kind}`, 'RULES:', ...lines].join('\n');
    })
    .join(`\n${'-'.repeat(35)}\n`);
}

function resultText(results: Readonly<Record<string, unknown>>): string {
  const shown = Object.entries(results).filter(([, value]) => value !== undefined);
  return shown.map(([name, value], i) => `---\n# [${i + 1}/${shown.length}] ${name}:\n${stringify(value).trimEnd()}`).join('\n');
}
