// Label and field selectors, as texts, as LabelSelectors, and in lists.
import * as kube from '../../../../kube/index.ts';
import { equal, SelectorError } from '../../../../kube/index.ts';
import { agree, differ, type Suite } from '../../suite.ts';

type Labels = Record<string, string>;

function label(text: string, labels: readonly Labels[]): unknown {
  const s = kube.parseLabelSelector(text);
  return { canonical: s.toString(), empty: s.empty, matches: labels.map(l => s.matches(l)) };
}

function struct(s: kube.LabelSelector, labels: readonly Labels[]): unknown {
  const common = {
    validation: kube.validateLabelSelector(s, 'spec.selector').map(e => e.text),
    formatted: kube.formatLabelSelector(s),
  };
  try {
    const parsed = kube.labelSelector(s);
    return { ...common, canonical: parsed.toString(), matches: labels.map(l => parsed.matches(l)) };
  } catch (error) {
    if (error instanceof SelectorError) return { ...common, error: error.message };
    throw error;
  }
}

function field(text: string, fields: readonly Labels[]): unknown {
  const s = kube.parseFieldSelector(text);
  return {
    canonical: s.toString(),
    empty: s.empty,
    requirements: s.requirements.map(r => [r.field, r.operator, r.value]),
    matches: fields.map(values => s.matches(name => values[name] ?? '')),
  };
}

/** `/apis/apps/v1/namespaces/x/deployments` → apps/v1, deployments */
function resourceOf(path: string): [apiVersion: string, plural: string] {
  const parts = path.split('/').slice(1);
  const apiVersion = parts[0] === 'api' ? (parts[1] ?? '') : `${parts[1]}/${parts[2]}`;
  return [apiVersion, parts[parts.length - 1] ?? ''];
}

function listed(input: Record<string, unknown>): unknown {
  if (input['type'] === 'http-label') {
    kube.parseLabelSelector(input['labelSelector'] as string);
    return { code: 200 };
  }
  const selector = kube.parseFieldSelector(input['fieldSelector'] as string);
  const refusal = kube.fieldSelectorOf(...resourceOf(input['path'] as string)).refusal(selector);
  return refusal === undefined ? { code: 200 } : { code: 400, status: badRequest(refusal) };
}

const badRequest = (message: string): unknown => ({ status: 'Failure', message, reason: 'BadRequest', code: 400 });

function answer(input: Record<string, unknown>): unknown {
  const type = input['type'] as string;
  try {
    if (type === 'label') return label(input['s'] as string, (input['labels'] ?? []) as Labels[]);
    if (type === 'struct') return struct(input['selector'] as kube.LabelSelector, (input['labels'] ?? []) as Labels[]);
    if (type === 'field') return field(input['s'] as string, (input['fields'] ?? []) as Labels[]);
    return listed(input);
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    return type.startsWith('http') ? { code: 400, status: badRequest(error.message) } : { error: error.message };
  }
}

/** A label map is walked in no order. */
function sorted(out: unknown): unknown {
  const { validation } = out as { validation?: string[] };
  return validation ? { ...(out as object), validation: [...validation].sort() } : out;
}

export const suite: Suite = {
  check(c) {
    const got = answer(c.in);
    return equal(sorted(got), sorted(c.out)) ? agree : differ(got, c.out);
  },
};
