// How components log: one line a happening, fields first. pino satisfies this; tests pass `silent`.

export type Fields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(fields: Fields, message: string): void;
  info(fields: Fields, message: string): void;
  warn(fields: Fields, message: string): void;
  error(fields: Fields, message: string): void;
}

const nothing = (): void => undefined;

/** Drops everything. */
export const silent: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** What an error says, for a log field: its message and the messages of its causes. */
export function errorText(error: unknown): string {
  const texts: string[] = [];
  for (let e: unknown = error; e instanceof Error && texts.length < 4; e = e.cause) texts.push(e.message);
  return texts.length > 0 ? texts.join(': ') : String(error);
}
