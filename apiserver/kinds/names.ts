// Short names of the primitive checks, as the rules of kinds use them.
export {
  configMapKey as configKey,
  dns1035Label as dnsLabel1035,
  dns1123Label as dnsLabel,
  dns1123Subdomain as dnsSubdomain,
  inRange as within,
  labelValue,
  pathSegmentName as pathSegment,
  percent,
  portName,
  portNumber,
  qualifiedName,
  qualifiedName as labelKey,
} from '../../kube/index.ts';

/** Prefix of a generated name that is a part of a path. */
export function pathSegmentPrefix(s: string): string[] {
  return ['/', '%'].filter(c => s.includes(c)).map(c => `may not contain '${c}'`);
}
