/** Rules of the machine's own table: what leaves the mesh's range gets the machine's address. */
export function masqueradeRules(table: string, bridge: string, range: string): string {
  return [
    `table ip ${table} {`,
    "  chain postrouting {",
    "    type nat hook postrouting priority 100; policy accept;",
    `    ip saddr ${range} ip daddr != ${range} oifname != "${bridge}" masquerade`,
    "  }",
    "}",
    "",
  ].join("\n");
}
