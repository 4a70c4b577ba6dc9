// The columns of the built-in kinds (names from facts) with the code that fills their cells.
import { readFileSync } from 'node:fs';
import { coreCells } from './core-cells.ts';
import { networkCells } from './network-cells.ts';
import { podRowConditions } from './pod-cells.ts';
import { policyCells } from './policy-cells.ts';
import { type Column, defaultColumns, type TableColumns } from './table.ts';
import { workloadCells } from './workload-cells.ts';

type Row = readonly [name: string, type: string, format?: string, priority?: number];

const CELLS = new Map(Object.entries({ ...coreCells, ...workloadCells, ...networkCells, ...policyCells }));
/** Kinds that are answered, not listed. */
const SUBRESOURCES = new Map<string, readonly Row[]>([
  [
    'autoscaling/v1 Scale',
    [
      ['Name', 'string'],
      ['Desired', 'integer'],
      ['Available', 'integer'],
      ['Age', 'string'],
    ],
  ],
]);
let facts: Readonly<Record<string, readonly Row[]>> | undefined;

/** The table of a built-in kind; name and creation time for those without one. */
export function builtinColumns(apiVersion: string, kind: string): TableColumns {
  const id = `${apiVersion} ${kind}`;
  facts ??= JSON.parse(readFileSync(new URL('../../kube/facts/tables.json', import.meta.url), 'utf8')) as Record<string, Row[]>;
  const rows = Object.hasOwn(facts, id) ? facts[id] : SUBRESOURCES.get(id);
  const cells = CELLS.get(id);
  if (!rows || !cells) return defaultColumns;
  const columns = rows.map(
    ([name, type, format = '', priority = 0]): Column => ({ name, type, format, description: `${name} of the object`, priority }),
  );
  return { columns, cells, ...(id === 'v1 Pod' ? { conditions: podRowConditions } : {}) };
}
