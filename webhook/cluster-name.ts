// Names of member clusters, wherever they are written.
import { dns1123Label, type TextCheck } from '../kube/index.ts';

const MAX = 48;

/** A DNS label short enough for the names we derive from it. */
export const clusterName: TextCheck = name => {
  if (name === '') return ['must be not empty'];
  if (Buffer.byteLength(name) > MAX) return [`must be no more than ${MAX} characters`];
  return dns1123Label(name);
};
