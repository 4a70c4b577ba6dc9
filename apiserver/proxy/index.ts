// The door of the proxies.
export { ClusterProxy } from './cluster-proxy.ts';
export { withoutBackend } from './without-backend.ts';
