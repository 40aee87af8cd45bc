import { STATUS_CODES } from "node:http";

/** Whether HTTP knows a status code by a name. */
export function isKnownStatus(code: number | string): boolean {
  return STATUS_CODES[String(code)] !== undefined;
}
