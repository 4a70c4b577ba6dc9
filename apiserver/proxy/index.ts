// The door of the proxies.
export { ClusterProxy } from './cluster-proxy.ts';
