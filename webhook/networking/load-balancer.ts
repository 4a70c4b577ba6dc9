// Addresses a load balancer reports.
import { at, dns1123Subdomain, type FieldError, faultsAt, field, listOf, parseAddress, stringOf } from '../../kube/index.ts';

/** Faults of status.loadBalancer. */
export function validateLoadBalancer(status: unknown): FieldError[] {
  return listOf(at(status, 'loadBalancer', 'ingress')).flatMap((ingress, i) => {
    const path = `status.loadBalancer.ingress[${i}]`;
    const ip = stringOf(at(ingress, 'ip'));
    const hostname = stringOf(at(ingress, 'hostname'));
    return [
      ...(ip ? validateIp(ip, field.child(path, 'ip')) : []),
      ...(hostname ? validateHost(hostname, field.child(path, 'hostname')) : []),
    ];
  });
}

/** Leading zeros are forgiven here: such addresses were accepted once and must stay readable. */
function validateIp(ip: string, path: string): FieldError[] {
  const lenient = ip.replace(/(^|\.)0+(?=\d)/g, '$1');
  return parseAddress(lenient) ? [] : [field.invalidValue(path, ip, 'must be a valid IP address')];
}

/** A DNS name, and no address. */
function validateHost(host: string, path: string): FieldError[] {
  const errors = faultsAt(dns1123Subdomain, host, path);
  return parseAddress(host) ? [...errors, field.invalidValue(path, host, 'must be a DNS name, not an IP address')] : errors;
}
