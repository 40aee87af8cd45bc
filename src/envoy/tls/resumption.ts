/** Whoever shows a certificate shows it at each connection: a session that is taken up again would be judged by yesterday's roots and lists of revoked ones. */
export const noResumption = {
  sessionTicketKeysType: { case: "disableStatelessSessionResumption" as const, value: true },
  disableStatefulSessionResumption: true,
} as const;
