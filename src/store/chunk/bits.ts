/** A quotient this long is written as a plain number instead. */
const longestRun = 24;

/** Writes numbers of any width, the highest bit first. */
export class BitWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;
  #rest = 0;
  #bits = 0;

  /** The lowest `bits` (24 at most) of a number. */
  put(value: number, bits: number): void {
    this.#rest = (this.#rest << bits) | (value & ((1 << bits) - 1));
    this.#bits += bits;
    while (this.#bits >= 8) {
      this.#bits -= 8;
      if (this.#length === this.#bytes.length) this.#grow();
      this.#bytes[this.#length++] = this.#rest >>> this.#bits;
    }
    this.#rest &= (1 << this.#bits) - 1;
  }

  /** Golomb-Rice: short for numbers near 2^k, 56 bits at most. 0 to 2^32 - 1. */
  rice(value: number, k: number): void {
    const quotient = value / 2 ** k;
    if (quotient >= longestRun) {
      this.put(0xffffff, longestRun);
      this.put(value >>> 16, 16);
      this.put(value & 0xffff, 16);
      return;
    }
    const ones = Math.floor(quotient);
    this.put((1 << (ones + 1)) - 2, ones + 1);
    if (k > 0) this.put(value, k);
  }

  /** Elias-gamma: short for small numbers of which nothing is known. 0 to 2^31. */
  gamma(value: number): void {
    const width = 31 - Math.clz32(value + 1);
    this.rice(width, 0);
    if (width > 16) this.put((value + 1) >>> 16, width - 16);
    if (width > 0) this.put(value + 1, Math.min(width, 16));
  }

  /** What was written, padded with zeros to whole bytes. */
  finish(): Uint8Array {
    if (this.#bits > 0) this.put(0, 8 - this.#bits);
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(): void {
    const larger = new Uint8Array(this.#bytes.length * 2);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Reads what BitWriter wrote. Beyond the end there are zeros, and `isOver` says so. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, from = 0) {
    this.#bytes = bytes;
    this.#at = from * 8;
  }

  get isOver(): boolean {
    return this.#at > this.#bytes.length * 8;
  }

  /** 24 bits at most. */
  take(bits: number): number {
    if (bits === 0) return 0;
    const value = this.#window() >>> (32 - bits);
    this.#at += bits;
    return value;
  }

  rice(k: number): number {
    const window = this.#window();
    const ones = Math.clz32(~window);
    if (ones >= longestRun) {
      this.#at += longestRun;
      return this.take(16) * 65536 + this.take(16);
    }
    this.#at += ones + 1;
    if (k === 0) return ones;
    if (ones + 1 + k > 32) return ones * 2 ** k + this.take(k);
    this.#at += k;
    return ones * 2 ** k + ((window << (ones + 1)) >>> (32 - k));
  }

  gamma(): number {
    const width = Math.min(31, this.rice(0));
    if (width <= 16) return 2 ** width + this.take(width) - 1;
    const high = 2 ** (width - 16) + this.take(width - 16);
    return high * 65536 + this.take(16) - 1;
  }

  /** The next 32 bits. */
  #window(): number {
    const i = this.#at >> 3;
    const shift = this.#at & 7;
    const b = this.#bytes;
    const four = ((b[i] ?? 0) << 24) | ((b[i + 1] ?? 0) << 16) | ((b[i + 2] ?? 0) << 8) | (b[i + 3] ?? 0);
    return shift === 0 ? four : (four << shift) | ((b[i + 4] ?? 0) >> (8 - shift));
  }
}
