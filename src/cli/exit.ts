/** What the program's exit codes say. The same for every output format. */
export const exitCodes = {
  ok: 0,
  unexpected: 1,
  /** Findings, or a check that failed. */
  findings: 2,
  /** In use, or in conflict with something. */
  conflict: 3,
  notFound: 4,
  denied: 5,
  usage: 64,
  badData: 65,
  noInput: 66,
  unreachable: 69,
  timeout: 75,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An end with words for the user. Anything else that is thrown is a fault of Weft's. */
export class CliError extends Error {
  readonly exitCode: number;
  /** What to do about it. */
  readonly fix: string | undefined;

  constructor(exitCode: number, message: string, fix?: string) {
    super(message);
    this.exitCode = exitCode;
    this.fix = fix;
  }
}

/** The exit code of an HTTP status that is not 2xx. */
export function exitCodeOf(status: number): ExitCode {
  if (status === 400 || status === 413 || status === 422) return exitCodes.badData;
  if (status === 401 || status === 403) return exitCodes.denied;
  if (status === 404) return exitCodes.notFound;
  if (status === 409) return exitCodes.conflict;
  if (status === 504) return exitCodes.timeout;
  return exitCodes.unexpected;
}
