/** Numbers below this are kept as they are, larger ones with as many steps an octave: 0.8 % off at the most. */
const exact = 128;
const stepsOfOctave = 64;

/** Sums of what is measured (milliseconds, bytes) are kept in sixteenths. */
const scale = 16;

/** A sum of something measured as a small whole number that grows with it; the reverse gives it within 0.8 %. At least 0. */
export function amountCode(amount: number): number {
  const value = Math.round(Math.max(0, amount) * scale);
  if (!(value >= exact)) return value || 0;
  const octave = Math.floor(Math.log2(Math.min(value, Number.MAX_SAFE_INTEGER))) - 6;
  return Math.round(value / 2 ** octave) + stepsOfOctave * octave;
}

/** The reverse of `amountCode`. */
export function amountOf(code: number): number {
  if (code < exact) return code / scale;
  const octave = Math.floor((code - stepsOfOctave) / stepsOfOctave);
  return ((code - stepsOfOctave * octave) * 2 ** octave) / scale;
}
