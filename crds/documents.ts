// The CRDs as data: read from the generated files, so that serving them does not load the schema library.
import { readFileSync } from 'node:fs';
import type { KubeObject } from '../kube/index.ts';
import type { JsonSchema } from './openapi.ts';

export interface CustomResourceDefinition extends KubeObject {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly spec: {
    readonly group: string;
    readonly names: {
      readonly plural: string;
      readonly singular: string;
      readonly kind: string;
      readonly listKind: string;
      readonly shortNames?: readonly string[];
      readonly categories?: readonly string[];
    };
    readonly scope: 'Namespaced' | 'Cluster';
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly storage: boolean;
      readonly additionalPrinterColumns?: readonly { readonly name: string; readonly type: string; readonly jsonPath: string }[];
      readonly subresources?: { readonly status: Record<string, never> };
      readonly schema: { readonly openAPIV3Schema: JsonSchema };
    }[];
    readonly conversion: { readonly strategy: 'None' };
  };
}

function read(file: string): CustomResourceDefinition[] {
  return JSON.parse(readFileSync(new URL(`./yaml/${file}`, import.meta.url), 'utf8')) as CustomResourceDefinition[];
}

/** The CustomResourceDefinition of every kind served from one; each call returns fresh objects. */
export function karmadaCrds(): CustomResourceDefinition[] {
  return read('all.json');
}

/** Cluster and ResourceRegistry in the form of a CRD, for serving, explaining and documenting them; never to be stored as CRDs. */
export function builtInKinds(): CustomResourceDefinition[] {
  return read('built-in.json');
}
