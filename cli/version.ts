// Who we are, for --version, /version and user agents.
import { readFileSync } from 'node:fs';

const KUBERNETES_VERSION = 'v1.36.1';

/** The version of this package. */
export function packageVersion(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version: string }).version;
    } catch {
      // Compiled files lie one folder deeper than sources.
    }
  }
  return '0.0.0';
}

/** `v1.36.1+flotilla.0.1.0`: the Kubernetes version we speak, our own as build metadata. */
export const gitVersion = (): string => `${KUBERNETES_VERSION}+flotilla.${packageVersion()}`;
