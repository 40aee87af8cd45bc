import type { Findings } from "../finding.ts";
import { isAddress, isCidr } from "../names.ts";

/** Checks hosts as requests name them: without scheme and port, a `*` for any text. `found` is at the list. */
export function checkHosts(hosts: readonly string[] | undefined, found: Findings): void {
  hosts?.forEach((host, i) => {
    if (!/^[A-Za-z0-9*._-]+$/.test(host) && !/^\[[0-9A-Fa-f:.]+\]$/.test(host))
      found
        .at(i)
        .error(`"${host}" is no host`, "write a name without scheme and port: shop.example.com, *.example.com");
  });
}

/** Checks paths: from the root, or with a `*` before their end; never with a query. */
export function checkPaths(paths: readonly string[] | undefined, found: Findings): void {
  paths?.forEach((path, i) => {
    if (!/^[/*]/.test(path)) found.at(i).error(`"${path}" is no path`, "write /exact, /prefix* or *suffix");
    else if (/[?#]/.test(path))
      found.at(i).error(`"${path}" has a query`, "leave it out: paths are compared without their query");
  });
}

/** Checks addresses and CIDR blocks. */
export function checkBlocks(blocks: readonly string[] | undefined, found: Findings): void {
  blocks?.forEach((block, i) => {
    const fine = block.includes("/") ? isCidr(block) : isAddress(block);
    if (!fine) found.at(i).error(`"${block}" is neither an address nor a block`, "write for example 10.0.0.0/8");
  });
}
