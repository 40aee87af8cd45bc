// Makes Weft's images without Docker and without any image to begin with: Debian packages, Node, stock Envoy and the built package.
//   node scripts/images.mjs [--output DIR] [--tag TAG] [--hub HUB] [--push] [--packages FILE] [--only NAME,...]
// The same sources and the same packages give the same digests; docs/images.md says more.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ensureEnvoy, envoyVersion } from "../setup/envoy.mjs";
import { ensureNode, nodeVersion } from "../setup/node.mjs";
import { run } from "../setup/run.mjs";
import { buildCniPlugin } from "./cni-plugin.mjs";
import { buildah } from "./images/buildah.mjs";
import { candidates, unpack } from "./images/debian.mjs";
import {
  addBookinfo,
  addPackage,
  addProgram,
  basePackages,
  finishBase,
  nftPackages,
  nsenterPackages,
  onlyPrograms,
  settleModes,
} from "./images/parts.mjs";

const project = fileURLToPath(new URL("..", import.meta.url));
const { version, license } = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
const { values: said } = parseArgs({
  options: {
    output: { type: "string", default: join(project, "dist", "images") },
    tag: { type: "string", default: version },
    hub: { type: "string", default: "localhost" },
    push: { type: "boolean", default: false },
    packages: { type: "string" },
    only: { type: "string" },
  },
});
// As the sample's Deployments name it.
const bookinfo = "docker.io/weft/bookinfo:latest";
// CoreDNS is for clusters that have no names yet: only where it is asked for.
const images = (said.only ?? "weft,weft-proxy,bookinfo").split(",");
const output = resolve(said.output);
const names = { base: basePackages, node: ["libstdc++6"], nft: nftPackages, nsenter: nsenterPackages };

const log = (text) => process.stderr.write(`${text}\n`);
const work = mkdtempSync(join(tmpdir(), "weft-images-"));
try {
  mkdirSync(output, { recursive: true });
  const packages = said.packages
    ? JSON.parse(readFileSync(said.packages, "utf8"))
    : await candidates(Object.values(names).flat().sort());
  writeFileSync(join(output, "packages.json"), `${JSON.stringify(packages, undefined, 1)}\n`);
  await make(buildah(join(work, "buildah"), await epoch()), (list) =>
    packages.filter(({ name }) => list.includes(name)),
  );
} catch (error) {
  log(`images: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** Layers that several images share are made once: what differs least comes first. */
async function make(builder, pinned) {
  const layer = async (name, fill) => {
    const root = join(work, name, "root");
    mkdirSync(root, { recursive: true });
    await fill(root);
    settleModes(root);
    return root;
  };
  const debian = (root, list) => unpack(root, pinned(list));
  const plain = { entrypoint: ["/usr/local/bin/node"], user: "65532:65532", labels: {} };
  await builder.image({
    ...plain,
    name: "base",
    root: await layer("base", async (root) => {
      await debian(root, names.base);
      finishBase(root);
    }),
  });
  if (images.includes("weft-proxy")) {
    const root = await layer("weft-proxy", async (folder) => {
      await debian(folder, names.nft);
      onlyPrograms(folder, ["nft"]);
      addProgram(folder, await ensureEnvoy({ warn: log }), "envoy");
    });
    await builder.image({
      name: "weft-proxy",
      from: "base",
      root,
      user: "1337:1337",
      entrypoint: ["/usr/local/bin/envoy"],
      labels: labels(`Envoy ${envoyVersion} and nft`),
    });
  }
  if (images.includes("weft") || images.includes("bookinfo")) {
    await builder.image({
      ...plain,
      name: "node",
      from: "base",
      root: await layer("node", async (root) => {
        await debian(root, names.node);
        addProgram(root, await ensureNode(), "node");
      }),
    });
  }
  if (images.includes("weft")) await makeWeft(builder, layer, debian);
  if (images.includes("bookinfo")) {
    const root = await layer("bookinfo", (folder) => addBookinfo(folder, project));
    await builder.image({
      ...plain,
      name: "bookinfo",
      from: "node",
      root,
      workingDirectory: "/app",
      user: "1000:1000",
      labels: labels("Bookinfo's applications"),
    });
  }
  if (images.includes("coredns")) {
    const root = await layer("coredns", async (folder) => {
      const program = join(work, "coredns-program");
      await buildCoreDns(program);
      addProgram(folder, program, "coredns");
    });
    await builder.image({
      name: "coredns",
      from: "base",
      root,
      user: "65532:65532",
      entrypoint: ["/usr/local/bin/coredns"],
      labels: labels("CoreDNS, for clusters without names"),
    });
  }
  for (const name of images) await deliver(builder, name);
}

/** Of Kubernetes' own plugins alone, built as the tests' cluster builds it: what is in Go's cache of it is not built twice. */
async function buildCoreDns(file) {
  const cwd = join(project, "test", "kubernetes", "programs");
  const flags = ["-mod=readonly", "-ldflags", "-s -w", "-o", file];
  await run("go", ["build", ...flags, "./coredns"], { cwd, env: { ...process.env, CGO_ENABLED: "0" } });
}

async function makeWeft(builder, layer, debian) {
  const root = await layer("weft", async (folder) => {
    await debian(folder, [...names.nft, ...names.nsenter]);
    onlyPrograms(folder, ["nft", "nsenter"]);
    const packed = join(work, "packed");
    mkdirSync(packed);
    await addPackage(folder, project, packed);
    const plugin = join(work, "weft-cni");
    await buildCniPlugin(plugin);
    addProgram(folder, plugin, "weft-cni");
  });
  // As bin/weft.mjs says of V8's nursery.
  const entrypoint = ["/usr/local/bin/node", "--max-semi-space-size=16", "/opt/weft/bin/weft.mjs"];
  await builder.image({
    name: "weft",
    from: "node",
    root,
    user: "65532:65532",
    entrypoint,
    labels: labels(`Weft's control plane, on Node ${nodeVersion}`),
  });
}

async function deliver(builder, name) {
  const reference = name === "bookinfo" ? bookinfo : `${said.hub}/${name}:${said.tag}`;
  const file = join(output, `${name}.oci.tar`);
  rmSync(file, { force: true });
  await builder.archive(name, file, reference);
  const digest = readFileSync(`${file}.digest`, "utf8").trim();
  log(`${reference}  ${digest}  ${(statSync(file).size / 1e6).toFixed(1)} MB  ${file}`);
  if (said.push) log(`pushed ${reference}${await builder.push(name, reference)}`);
}

function labels(description) {
  const said = { title: "weft", description, version, licenses: license };
  return Object.fromEntries(Object.entries(said).map(([key, value]) => [`org.opencontainers.image.${key}`, value]));
}

/** Of every file in the images: the commit's time, or what SOURCE_DATE_EPOCH says, in seconds. */
async function epoch() {
  if (process.env.SOURCE_DATE_EPOCH) return process.env.SOURCE_DATE_EPOCH;
  if (!existsSync(join(project, ".git"))) return "0";
  return (await run("git", ["log", "-1", "--format=%ct"], { cwd: project })).trim();
}
