// The thread scripts run in: one machine, one call at a time. The main thread ends this thread when a call does not answer in time,
// so nothing here has to survive a hostile script; within a call, memory is limited by the machine's allocator.
import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { LuaFactory } from 'wasmoon';
import { callKube } from './kube-library.ts';
import { rewrite } from './source.ts';

/** A call of one function of a script; `args` is a Lua expression list. */
export interface LuaCall {
  readonly script: string;
  readonly name: string;
  readonly args: string;
  /** How many results the caller reads. */
  readonly results: number;
  readonly seconds: number;
}

/** `["type", value]` of each result as JSON text, or "!" and the failure. */
export type LuaAnswer = string;

const MEMORY_BYTES = 64 * 1024 * 1024;
const REMEMBERED_SCRIPTS = 256;

const PARTS = ['operators', 'patterns', 'format', 'strings', 'tables', 'environment', 'run'];
const prelude = PARTS.map(part => readFileSync(new URL(`./${part}.lua`, import.meta.url), 'utf8')).join('\n');
const factory = new LuaFactory();
const rewritten = new Map<string, string>();

type Machine = Awaited<ReturnType<LuaFactory['createEngine']>>;

async function newMachine(): Promise<Machine> {
  const machine = await factory.createEngine({ traceAllocations: true, enableProxy: false });
  machine.global.setMemoryMax(MEMORY_BYTES);
  machine.global.set('host_call', callKube);
  machine.global.loadString(prelude, '=prelude');
  machine.global.runSync();
  machine.global.setTop(0);
  return machine;
}

function chunkOf(script: string): string {
  const known = rewritten.get(script);
  if (known !== undefined) return known;
  const chunk = rewrite(script);
  if (rewritten.size >= REMEMBERED_SCRIPTS) rewritten.delete(rewritten.keys().next().value ?? '');
  rewritten.set(script, chunk);
  return chunk;
}

let machine = await newMachine();

async function answer(call: LuaCall): Promise<LuaAnswer> {
  try {
    const [text] = machine.global.call('run_script', chunkOf(call.script), call.name, call.args, call.results, call.seconds) as unknown[];
    machine.global.setTop(0);
    return String(text);
  } catch (error) {
    return `!${(error as Error).message}`;
  } finally {
    if (machine.global.getMemoryUsed() > MEMORY_BYTES / 2) {
      machine.global.close();
      machine = await newMachine();
    }
  }
}

parentPort?.on('message', (call: LuaCall) => void answer(call).then(text => parentPort?.postMessage(text)));
parentPort?.postMessage('ready');
