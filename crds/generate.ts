// The generator of crds/yaml: definitions and schemas in, CustomResourceDefinition documents out. Only hack/crds.ts and
// tests run it; everyone else reads what it wrote.
import { stringify } from 'yaml';
import { z } from 'zod';
import { builtInDefinitions, type Definition, definitions, type Version } from './definitions.ts';
import type { CustomResourceDefinition } from './documents.ts';
import { type JsonSchema, openapiOf } from './openapi.ts';

const envelope = {
  apiVersion: z.string().exactOptional().describe('Group and version of this object.'),
  kind: z.string().exactOptional().describe('What kind of object this is.'),
};

/** The schema of a whole object: the fields of the kind inside the envelope all objects share. */
export function objectSchema(version: Version): JsonSchema {
  const fields = openapiOf(version.schema);
  const outer = openapiOf(z.object(envelope));
  return { ...fields, properties: { ...outer.properties, metadata: { type: 'object' }, ...fields.properties } };
}

/** The document of one kind. */
export function crdOf(definition: Definition): CustomResourceDefinition {
  const { resource, shortNames, categories, versions } = definition;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${resource.plural}.${resource.group}` },
    spec: {
      group: resource.group,
      names: {
        plural: resource.plural,
        singular: resource.kind.toLowerCase(),
        kind: resource.kind,
        listKind: `${resource.kind}List`,
        ...(shortNames.length ? { shortNames } : {}),
        ...(categories.length ? { categories } : {}),
      },
      scope: resource.scope,
      versions: versions.map(versionOf),
      conversion: { strategy: 'None' },
    },
  };
}

function versionOf(version: Version): CustomResourceDefinition['spec']['versions'][number] {
  return {
    name: version.name,
    served: true,
    storage: version.storage,
    ...(version.columns.length ? { additionalPrinterColumns: version.columns } : {}),
    ...(version.status ? { subresources: { status: {} } } : {}),
    schema: { openAPIV3Schema: objectSchema(version) },
  };
}

/** File name (inside crds/yaml) → contents. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const crds = definitions.map(crdOf);
  const files = new Map(
    crds.map(crd => [`${crd.spec.group}_${crd.spec.names.plural}.yaml`, stringify(crd, { lineWidth: 0, aliasDuplicateObjects: false })]),
  );
  files.set('all.json', `${JSON.stringify(crds)}\n`);
  files.set('built-in.json', `${JSON.stringify(builtInDefinitions.map(crdOf))}\n`);
  return files;
}
