// An interpreter that fails on demand: every answer about every kind becomes an error, as when its webhook is away or a script loops.
import type { Interpreter, InterpreterLayer } from '../../interpreter/index.ts';

export class FaultyInterpreter implements InterpreterLayer {
  readonly name = 'faulty';
  readonly #inner: InterpreterLayer;
  failing = false;

  constructor(inner: InterpreterLayer) {
    this.#inner = inner;
  }

  interpreterFor(apiVersion: string, kind: string): Interpreter | undefined {
    const inner = this.#inner.interpreterFor(apiVersion, kind);
    return inner && this.failing ? failingLike(inner) : inner;
  }
}

function failingLike(inner: Interpreter): Interpreter {
  const fail = (): Promise<never> => Promise.reject(new Error('the interpreter failed'));
  return Object.fromEntries(Object.keys(inner).map(name => [name, fail])) as unknown as Interpreter;
}
