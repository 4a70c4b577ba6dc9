// The flags of a component as rows of a table: the command line, the configuration file and the documentation are made from it,
// the component is given the fields. Durations are milliseconds in fields and Go's texts (`1m30s`) on the command line.

export type FlagKind = 'boolean' | 'duration' | 'list' | 'number' | 'text';
export type FlagValue = boolean | number | string | readonly string[];

export interface Flag {
  /** Without dashes. */
  readonly name: string;
  /** Where the value goes in the component's options. */
  readonly field: string;
  readonly kind: FlagKind;
  readonly default: FlagValue;
  readonly description: string;
}

/** A builder of rows for the options `O`: names follow from the fields unless they are given. */
export function flagsOf<O extends object>() {
  return <F extends keyof O & string>(field: F, kind: FlagKind, value: O[F] & FlagValue, description: string, name?: string): Flag => ({
    name: name ?? flagName(field),
    field,
    kind,
    default: value,
    description,
  });
}

/** `clusterLeaseDurationMs` is set by `--cluster-lease-duration`. */
function flagName(field: string): string {
  return field.replace(/Ms$/, '').replace(/[A-Z]/g, c => `-${c.toLowerCase()}`);
}

/** The options with every flag at its default; the table must have a row for each field. */
export function flagDefaults<O extends object>(flags: readonly Flag[]): O {
  return Object.fromEntries(flags.map(f => [f.field, f.default])) as O;
}
