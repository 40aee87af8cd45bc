/** A file of an archive. */
export interface TarEntry {
  /** With slashes, relative; at most 255 bytes, its last part at most 100. */
  readonly path: string;
  readonly content: Buffer;
}

const block = 512;

/** The files as a tar archive (POSIX.1-1988 ustar), all of one time in milliseconds. Throws where a path is too long. */
export function tar(entries: readonly TarEntry[], time: number): Buffer {
  const parts = entries.flatMap(({ path, content }) => [
    header(path, content.length, time),
    content,
    Buffer.alloc((block - (content.length % block)) % block),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

function header(path: string, size: number, time: number): Buffer {
  const bytes = Buffer.alloc(block);
  const { name, prefix } = split(path);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")}\0`;
  bytes.write(name, 0, 100);
  bytes.write(octal(0o600, 7), 100);
  bytes.write(octal(0, 7) + octal(0, 7), 108);
  bytes.write(octal(size, 11) + octal(Math.floor(time / 1000), 11), 124);
  bytes.write("        ", 148);
  bytes.write("0", 156);
  bytes.write("ustar\x0000", 257);
  bytes.write(prefix, 345, 155);
  bytes.write(
    `${octal(
      bytes.reduce((sum, byte) => sum + byte, 0),
      6,
    )} `,
    148,
  );
  return bytes;
}

function split(path: string): { readonly name: string; readonly prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: "" };
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return { name, prefix };
  }
  throw new Error(`${path} is too long for a tar archive`);
}
