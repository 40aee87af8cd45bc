import { deepStrictEqual, strictEqual } from "node:assert";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, test } from "vitest";
import type { Permit } from "../api/actions.ts";
import { apply, empty, type Snapshot } from "../model/snapshot.ts";
import { parseText } from "../sources/text/text.ts";
import { applyText, type OverlayOptions, removeText } from "./overlay-actions.ts";

const root = mkdtempSync(join(tmpdir(), "overlay-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const text = `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
`;
const file = (folder: string) => join(folder, "PeerAuthentication.security.istio.io/shop/default.yaml");

/** An overlay whose sources read nothing until they are told to. */
function overlay(name: string, snapshot: Snapshot = empty) {
  const folder = join(root, name);
  const unread = new Set<string>();
  const options: OverlayOptions = {
    folder,
    validate: () => [],
    snapshot: () => snapshot,
    written: (ref) => unread.add(ref.name),
    isUnread: (ref) => unread.has(ref.name),
  };
  return { folder, options };
}

function there(folder: string): Snapshot {
  const { resources } = parseText(file(folder), text);
  return apply(
    empty,
    resources.map((put) => ({ put })),
  );
}

const permit = async () => undefined;
const outcomes = async (told: ReturnType<typeof applyText>) => (await told).map(({ outcome }) => outcome);

test("what is deleted and applied at once is there, though the deletion was not read yet", async () => {
  const { folder, options } = overlay("again", there(join(root, "again")));
  deepStrictEqual(await outcomes(applyText(options, text, { dryRun: false, permit })), ["unchanged"]);
  deepStrictEqual(await outcomes(removeText(options, text, { dryRun: false, permit })), ["deleted"]);
  deepStrictEqual(await outcomes(applyText(options, text, { dryRun: false, permit })), ["configured"]);
  strictEqual(existsSync(file(folder)), true);
});

test("what is applied and deleted at once is gone, though it was not read yet", async () => {
  const { folder, options } = overlay("gone");
  deepStrictEqual(await outcomes(removeText(options, text, { dryRun: false, permit })), ["not found"]);
  deepStrictEqual(await outcomes(applyText(options, text, { dryRun: false, permit })), ["created"]);
  deepStrictEqual(await outcomes(removeText(options, text, { dryRun: false, permit })), ["deleted"]);
  strictEqual(existsSync(file(folder)), false);
});

test("what may not be changed is refused, and what may is written", async () => {
  const { folder, options } = overlay("forbidden");
  const asked: unknown[] = [];
  const onlyPublic: Permit = async (change) => {
    asked.push(change);
    return change.namespace === "shop" ? "ann may not" : undefined;
  };
  const two = `${text}---\n${text.replace("namespace: shop", "namespace: public")}`;
  const told = await applyText(options, two, { dryRun: false, permit: onlyPublic });
  deepStrictEqual(
    told.map(({ outcome, forbidden, diagnostics }) => [outcome, forbidden, diagnostics.map((d) => d.message)]),
    [
      ["refused", true, ["ann may not"]],
      ["created", undefined, []],
    ],
  );
  strictEqual(existsSync(file(folder)), false);
  strictEqual(existsSync(file(folder).replace("/shop/", "/public/")), true);
  deepStrictEqual(await outcomes(removeText(options, text, { dryRun: false, permit: onlyPublic })), ["refused"]);
  const type = "PeerAuthentication.security.istio.io";
  deepStrictEqual(asked, [
    { what: "create", type, namespace: "shop", name: "default" },
    { what: "create", type, namespace: "public", name: "default" },
    { what: "delete", type, namespace: "shop", name: "default" },
  ]);
});
