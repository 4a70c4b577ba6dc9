// Bindings of dependencies: attached to a requirer, and detached from one.
import { attach, detach } from '../../../../controllers/index.ts';
import type { ResourceBinding } from '../../../../crds/index.ts';
import type { AnyObject } from '../../../../kube/index.ts';
import { agree, differ, type Suite } from '../../suite.ts';
import { compareLoose } from './compare.ts';

interface In {
  readonly fn: string;
  readonly independent: ResourceBinding;
  readonly object: AnyObject;
  readonly bindings?: readonly ResourceBinding[];
  readonly attached?: ResourceBinding;
}

export const suite: Suite = {
  async check(c) {
    const input = c.in as unknown as In;
    const expected = c.out as { error?: string };
    try {
      return compareLoose(withoutEmpty(await run(input)), withoutEmpty(c.out));
    } catch (error) {
      const text = (error as Error).message;
      return expected.error !== undefined && (!expected.error.endsWith('not found') || text === expected.error)
        ? agree
        : differ(text, c.out);
    }
  },
};

async function run({ fn, independent, object, bindings = [], attached }: In): Promise<unknown> {
  const find = async (namespace: string, wanted: string): Promise<ResourceBinding> => {
    const found = bindings.find(b => b.metadata.name === wanted && b.metadata.namespace === namespace);
    if (!found) throw new Error(`resourcebindings.work.karmada.io "${wanted}" not found`);
    return found;
  };
  if (fn === 'detach') return attached ? { binding: bare(await detach(independent, attached, find)) } : {};
  const name = `${object.metadata.name}-${object.kind.toLowerCase()}`;
  const present = attached && { ...attached, metadata: { ...attached.metadata, name } };
  const { binding, conflict } = await attach(independent, object, present, find);
  return {
    binding: binding === present ? undefined : bare(binding),
    events: conflict ? [`Warning DependencyPolicyConflict ${conflict}`] : [],
  };
}

const bare = (binding: ResourceBinding | undefined): unknown => binding && { metadata: binding.metadata, spec: binding.spec };

/** Typed structures drop a zero count of replicas and an empty resolution. */
function withoutEmpty(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, item) =>
      (key === 'replicas' && item === 0) || (key === 'conflictResolution' && item === '') ? undefined : item,
    ),
  );
}
