/**
 * A loopback address that no other test has meanwhile: test files run side by side in threads of one process, and the processes of several
 * runs beside each other. `nth`, up to 7: one more of the same file.
 */
export function ownAddress(nth = 0): string {
  const thread = Number(process.env["VITEST_POOL_ID"] ?? 1);
  return `127.${(20 + 8 * thread + nth) & 255}.${(process.pid >> 8) & 255}.${process.pid & 255 || 1}`;
}
