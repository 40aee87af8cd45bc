/** The full name of a host as written in an object: a name without a dot is a Kubernetes service of the object's own namespace. */
export function fullHost(host: string, namespace: string, domain: string): string {
  return host.includes(".") || host === "*" ? host : `${host}.${namespace}.svc.${domain}`;
}
