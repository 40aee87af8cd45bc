import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../setup/run.mjs";

/**
 * Makes images out of folders by buildah, with a storage of its own in `work`. The same folders give the same digests: every time is `epoch`
 * (seconds), every file is root's.
 */
export function buildah(work, epoch) {
  const storage = ["--root", join(work, "storage"), "--runroot", join(work, "run"), "--storage-driver", "vfs"];
  mkdirSync(work, { recursive: true });
  const ask = async (...args) => (await run("buildah", [...storage, ...args])).trim();
  return {
    /** An image named `name`: `root` as one layer upon `from` (or upon nothing), and what runs in it. */
    async image({ name, from = "scratch", root, user, entrypoint, command = [], workingDirectory = "/", labels }) {
      const container = await ask("from", "--pull-never", from);
      await ask("copy", "--quiet", "--chown", "0:0", container, root, "/");
      const config = [
        "--entrypoint",
        JSON.stringify(entrypoint),
        "--cmd",
        command.join(" "),
        "--workingdir",
        workingDirectory,
      ];
      const labelled = Object.entries(labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]);
      await ask("config", ...config, "--user", user, ...labelled, container);
      await ask("commit", "--quiet", "--rm", "--format", "oci", "--timestamp", String(epoch), container, name);
    },
    /** Writes an image as one file that `ctr image import` and `podman load` take; answers the digest of its manifest. */
    async archive(name, file, reference) {
      await ask("push", "--quiet", "--digestfile", `${file}.digest`, name, `oci-archive:${file}:${reference}`);
    },
    /** Sends it to a registry, with the credentials of `buildah login`. */
    push: (name, reference) => ask("push", "--quiet", name, `docker://${reference}`),
  };
}
