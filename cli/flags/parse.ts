// Reading one flag's text, from the command line or from a configuration file, and writing a value as a flag would take it.
import { InvalidArgumentError } from 'commander';
import { durationMillis, type Flag, type FlagValue, formatDuration } from '../../kube/index.ts';

const MAX_PORT = 65_535;

/** Throws an InvalidArgumentError whose message says what would be right. */
export function parseFlag(flag: Flag, text: string): FlagValue {
  switch (flag.kind) {
    case 'boolean':
      return booleanOf(text);
    case 'duration':
      return durationOf(text);
    case 'number':
      return numberOf(flag, text);
    case 'list':
      return text
        .split(',')
        .map(part => part.trim())
        .filter(Boolean);
    case 'text':
      return text;
  }
}

function booleanOf(text: string): boolean {
  if (text === 'true') return true;
  if (text === 'false') return false;
  throw new InvalidArgumentError('write true or false');
}

function durationOf(text: string): number {
  const millis = durationMillis(text);
  if (millis === undefined || millis < 0) throw new InvalidArgumentError('write a duration such as 30s, 5m or 1h30m');
  return millis;
}

function numberOf(flag: Flag, text: string): number {
  const value = Number(text);
  const isPort = /(^|-)port$/.test(flag.name);
  if (isPort && (!Number.isInteger(value) || value < 0 || value > MAX_PORT))
    throw new InvalidArgumentError(`a port is a number from 0 to ${MAX_PORT}`);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw new InvalidArgumentError('write a number that is not negative');
  return value;
}

/** `10s`, `*,-cluster`, `true`: what the flag would be given to get this value. */
export function flagText(flag: Flag, value: FlagValue): string {
  if (flag.kind === 'duration') return formatDuration(BigInt(Math.round(Number(value) * 1e6)));
  return Array.isArray(value) ? value.join(',') : String(value);
}

/** What stands for the value in help; words only, for commander splits at signs. */
export function placeholder(flag: Flag): string {
  switch (flag.kind) {
    case 'boolean':
      return '[boolean]';
    default:
      return `<${flag.kind}>`;
  }
}
