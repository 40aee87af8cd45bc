/** Numbers for people: a unit each and as few digits as help. All pure. */

const thin = "\u202f";

/** Three digits at most: 0.42, 4.2, 42, 420, 4.2k, 4.2M. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 0.01) return "<0.01";
  if (size < 1) return trim(value.toFixed(2));
  if (size < 10) return trim(value.toFixed(1));
  if (size < 1000) return value.toFixed(0);
  if (size < 999_500) return `${trim((value / 1e3).toFixed(size < 99_500 ? 1 : 0))}k`;
  return `${trim((value / 1e6).toFixed(1))}M`;
}

function trim(digits: string): string {
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}

/** Per second: `42/s`. */
export function rate(perSecond: number): string {
  return `${short(perSecond)}/s`;
}

/** A share of 0 to 1 as percent: `0%`, `<0.1%`, `4.2%`, `48%`. Never says 0 or 100 for what is not quite that. */
export function percent(share: number): string {
  if (share <= 0) return "0%";
  if (share >= 1) return "100%";
  if (share < 0.001) return "<0.1%";
  if (share > 0.999) return ">99.9%";
  const value = share * 100;
  return `${trim(value < 10 || value > 99 ? value.toFixed(1) : value.toFixed(0))}%`;
}

/** A latency: `0.8 ms`, `23 ms`, `1.2 s`; a dash where nothing was measured. */
export function latency(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return "–";
  if (milliseconds >= 1000) return `${trim((milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0))}${thin}s`;
  if (milliseconds >= 10) return `${milliseconds.toFixed(0)}${thin}ms`;
  return `${trim(milliseconds.toFixed(1))}${thin}ms`;
}

/** Bytes a second in powers of 1000: `12 kB/s`. */
export function byteRate(bytesPerSecond: number | undefined): string {
  return bytesPerSecond === undefined ? "–" : `${bytes(bytesPerSecond)}/s`;
}

/** Bytes in powers of 1000: `12 kB`. */
export function bytes(count: number): string {
  if (count < 1000) return `${count.toFixed(0)}${thin}B`;
  if (count < 999_500) return `${trim((count / 1e3).toFixed(count < 9_950 ? 1 : 0))}${thin}kB`;
  if (count < 999_500_000) return `${trim((count / 1e6).toFixed(count < 9_950_000 ? 1 : 0))}${thin}MB`;
  return `${trim((count / 1e9).toFixed(1))}${thin}GB`;
}

/** A length of time in its two largest units at most: `8 s`, `4 min`, `3 h 20 min`, `12 d`, `10 y`. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 90) return `${seconds}${thin}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes}${thin}min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 10 && minutes % 60 !== 0) return `${hours}${thin}h ${minutes % 60}${thin}min`;
  if (hours < 48) return `${Math.round(minutes / 60)}${thin}h`;
  const days = Math.round(minutes / 1440);
  return days < 730 ? `${days}${thin}d` : `${Math.round(days / 365)}${thin}y`;
}

/** `4 min ago`, `just now`. */
export function ago(at: number, now: number): string {
  return now - at < 1500 ? "just now" : `${span(now - at)} ago`;
}

/** Time of day here: `14:03`, or `14:03:22`. */
export function clockTime(at: number, seconds = false): string {
  const options: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Intl.DateTimeFormat("en-GB", seconds ? { ...options, second: "2-digit" } : options).format(at);
}

/** A sentence in which no line ends between a number and its per cent: written as everywhere else, `17%`. */
export function unbroken(sentence: string): string {
  return sentence.replaceAll(/(\d) %/g, "$1%");
}

/** `1 proxy`, `3 proxies`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
