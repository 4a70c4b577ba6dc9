// Columns and rows of server-side tables, by kind.
import { builtinColumns } from '../../../../apiserver/table/index.ts';
import { type AnyObject, equal } from '../../../../kube/index.ts';
import { agree, differ, type Suite } from '../../suite.ts';

const NOW = Date.UTC(2026, 5, 15, 12);

/** `<now-Ns>` as the time that it was N seconds before the moment of printing. */
function withTimes(value: unknown): unknown {
  const text = JSON.stringify(value).replace(/<now([-+]\d+)s>/g, (_all, seconds: string) =>
    new Date(NOW + Number(seconds) * 1000).toISOString().replace('.000Z', 'Z'),
  );
  return JSON.parse(text);
}

function columns(kind: string): unknown[] {
  const at = kind.lastIndexOf('/');
  return builtinColumns(kind.slice(0, at), kind.slice(at + 1)).columns.map(c => ({
    name: c.name,
    type: c.type,
    ...(c.format ? { format: c.format } : {}),
    priority: c.priority,
  }));
}

export const suite: Suite = {
  check({ in: input, out }) {
    const expected = out as Record<string, unknown>;
    if (input['type'] === 'columns') {
      const got = columns(String(input['kind']));
      const wanted = (expected['columns'] as Record<string, unknown>[]).map(c => ({ ...c, format: c['format'] || undefined }));
      return equal(JSON.parse(JSON.stringify(got)), JSON.parse(JSON.stringify(wanted))) ? agree : differ(got, wanted);
    }
    const object = withTimes(input['object']) as AnyObject;
    const table = builtinColumns(object.apiVersion, object.kind);
    const conditions = table.conditions?.(object);
    const got = { cells: table.cells(object, NOW), ...(conditions ? { conditions } : {}) };
    return equal(JSON.parse(JSON.stringify(got)), expected) ? agree : differ(got, expected);
  },
};
