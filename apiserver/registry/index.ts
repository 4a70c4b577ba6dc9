export { allow, type Core } from './call.ts';
export { Catalog } from './catalog.ts';
export type { Connection, Upgrade } from './connection.ts';
export type { RequestContext } from './context.ts';
export { create } from './create.ts';
export { type Deleted, type Deletion, remove, removeCollection } from './delete.ts';
export { discoverCatalog } from './discover.ts';
export { get, type Listed, list } from './list.ts';
export { checkListQuery, type ListQuery } from './list-query.ts';
export { type FieldValidation, type PatchRequest, patch, undecodedPatch, unsupportedPatch } from './patch.ts';
export type { KindRules } from './rules.ts';
export { scaleOf, updateScale } from './scale.ts';
export {
  type Answering,
  type KindTraits,
  NEVER_WRITTEN,
  presentedForm,
  readyView,
  type Served,
  type Subresource,
  type SubresourceAnswer,
  storedForm,
  viewOf,
} from './served.ts';
export { entryFrom, storageKey, toldKey } from './storage.ts';
export { type Change, modify, type Target, uidMismatch, update } from './update.ts';
export { type Sink, type WatchType, watch } from './watch.ts';
