import { attempt, find, run } from "./command.ts";
import type { Mode } from "./state.ts";

export interface ModeChoice {
  readonly mode: Mode;
  /** Why it is not a better one, and what is lost; undefined for `netns`. */
  readonly because?: string;
}

const tools = ["ip", "nft", "unshare", "nsenter"] as const;

/** Set in the environment of a control plane that runs inside its user namespace: `uid:gid` of the user outside. */
export const outerUser = "WEFT_OUTER_USER";

/** `loopback` in the environment asks for that mode where a better one would be possible. */
const forcedMode = "WEFT_MODE";

const lost = [
  "applications listen on loopback addresses (HOST, PORT), and reach each other through HTTP_PROXY",
  "programs that do not heed it, such as a database's client, find no other workload",
  "nothing stops an application from going around its proxy, or another user of this machine from asking it",
].join("; ");

/** The best way to keep Pods apart that this machine allows, tried for real. */
export async function chooseMode(): Promise<ModeChoice> {
  if (process.env[forcedMode] === "loopback")
    return { mode: "loopback", because: `${forcedMode}=loopback is set: ${lost}` };
  if (process.platform !== "linux")
    return { mode: "loopback", because: `${process.platform} has no network namespaces: ${lost}` };
  if (process.env[outerUser] !== undefined) return { mode: "userns", because: noEgress };
  const missing = tools.filter((tool) => find(tool) === undefined);
  if (missing.length > 0) {
    return {
      mode: "loopback",
      because: `${missing.join(", ")} not found (install iproute2, nftables and util-linux): ${lost}`,
    };
  }
  const root = process.getuid?.() === 0;
  const problem = root ? await works([]) : await works(["--user", "--map-root-user"]);
  if (problem === undefined) return root ? { mode: "netns" } : { mode: "userns", because: noEgress };
  if (root && (await works(["--user", "--map-root-user"])) === undefined) return { mode: "userns", because: noEgress };
  return { mode: "loopback", because: `${problem}: ${lost}` };
}

const noEgress =
  "without root the mesh runs in a user namespace: its applications reach each other, but not the network outside";

/** Makes a namespace with a veth pair, a rule that redirects and a mount, and takes it away again. */
async function works(user: readonly string[]): Promise<string | undefined> {
  const script = `ip link add weft0 type veth peer name weft1 && printf 'table ip t {\\n chain c {\\n type nat hook output priority -100;\\n tcp dport 1 meta mark 1 redirect to :2\\n }\\n}\\n' | nft -f - && mount --bind /etc/hosts /etc/hosts`;
  try {
    await run(["unshare", ...user, "--net", "--mount", "--uts", "--propagation", "slave", "--", "sh", "-c", script]);
    return undefined;
  } catch (error) {
    const first = (error as Error).message.split(": ").slice(1).join(": ").split("\n")[0];
    const locked = await attempt(["sysctl", "-n", "kernel.apparmor_restrict_unprivileged_userns"]);
    const hint =
      locked?.trim() === "1" ? " (sysctl kernel.apparmor_restrict_unprivileged_userns=0 would allow it)" : "";
    return `network namespaces are refused here: ${first}${hint}`;
  }
}
