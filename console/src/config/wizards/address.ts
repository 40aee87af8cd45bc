/** What the address of a form says. */
export interface WizardAddress {
  /** `NAMESPACE/NAME` of the service that it is for. */
  readonly service?: string;
  /** The namespace that it is for. */
  readonly in?: string;
  readonly host?: string;
  readonly address?: string;
  readonly port?: string;
  readonly protocol?: string;
}

const names = ["service", "in", "host", "address", "port", "protocol"] as const;

/** What is no text (a port may come as a number) is left out. */
export function readWizard(search: Readonly<Record<string, unknown>>): WizardAddress {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = search[name];
      return typeof value === "string" || typeof value === "number" ? [[name, String(value)]] : [];
    }),
  );
}
