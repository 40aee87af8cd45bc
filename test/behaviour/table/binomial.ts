/**
 * Whether `count` of `trials` is what chance may do with `share`: false only where so few, or so many, come with a probability of at most
 * `risk`. Exact tails of the binomial distribution.
 */
export function plausible(count: number, trials: number, share: number, risk: number): boolean {
  if (share <= 0) return count === 0;
  if (share >= 1) return count === trials;
  return atMost(count, trials, share) > risk / 2 && atMost(trials - count, trials, 1 - share) > risk / 2;
}

/** P(X <= count). */
function atMost(count: number, trials: number, share: number): number {
  let sum = 0;
  let log = trials * Math.log1p(-share);
  for (let k = 0; k <= count; k++) {
    sum += Math.exp(log);
    log += Math.log((trials - k) / (k + 1)) + Math.log(share) - Math.log1p(-share);
  }
  return sum;
}
