// What the namespace of a resource selector means in a namespaced policy: its own, and no other.
import { at, type FieldError, field, listOf, objectOf, stringOf } from '../../kube/index.ts';

/** `resourceSelectors` with empty namespaces filled in; nothing where there are no selectors. */
export function withSelectorNamespaces(spec: Record<string, unknown>, namespace: string): Record<string, unknown> {
  const selectors = spec['resourceSelectors'];
  if (!Array.isArray(selectors)) return {};
  return { resourceSelectors: selectors.map(s => (at(s, 'namespace') ? s : { ...objectOf(s), namespace })) };
}

/** Each selector must name the namespace of the policy. */
export function validateSelectorNamespaces(spec: Record<string, unknown>, namespace: string): FieldError[] {
  const detail = 'namespace of resource selector must be the same as the namespace of the policy';
  return listOf(spec['resourceSelectors']).flatMap((selector, i) => {
    const given = stringOf(at(selector, 'namespace'));
    return given === namespace ? [] : [field.invalidValue(`spec.resourceSelectors[${i}].namespace`, given, detail)];
  });
}
