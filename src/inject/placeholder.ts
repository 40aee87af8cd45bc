/** What the kubelet knows of a Pod when it starts a container: environment variables from the downward API, with Istio's names. */
export const downward = {
  POD_NAME: "metadata.name",
  POD_NAMESPACE: "metadata.namespace",
  INSTANCE_IP: "status.podIP",
  INSTANCE_IPS: "status.podIPs",
  HOST_IP: "status.hostIP",
  NODE_NAME: "spec.nodeName",
  SERVICE_ACCOUNT: "spec.serviceAccountName",
} as const;

const mark = "\u0001";

/** A text that stands for a variable of `downward` until `argument` writes it down. Users' texts never contain one: no YAML holds this character. */
export function placeholder(variable: keyof typeof downward): string {
  return `${mark}${variable}${mark}`;
}

/**
 * A value as one argument of a container, in JSON. The kubelet puts the variables in; a `$(NAME)` that a user wrote stays what it is.
 * Names and addresses are all that comes in so: none has a character that JSON would escape.
 */
export function argument(value: unknown): string {
  const text = JSON.stringify(value).replaceAll("$", "$$$$");
  return text.replace(/\\u0001([A-Z_]+)\\u0001/g, "$($1)");
}
