const experimental: ReadonlySet<string> = new Set(["x", "exp", "experimental"]);

/** What istioctl calls otherwise. */
const ours: Readonly<Record<string, readonly string[]>> = {
  precheck: ["check", "--pre"],
  "verify-install": ["check"],
};

/** A command line as istioctl takes it, in our words: its experimental commands stand beside the others here. */
export function inOurWords(argv: readonly string[]): readonly string[] {
  const [first = "", ...rest] = argv;
  const plain = experimental.has(first) && rest.length > 0 ? rest : argv;
  const [name = "", ...others] = plain;
  return Object.hasOwn(ours, name) ? [...(ours[name] ?? []), ...others] : plain;
}
