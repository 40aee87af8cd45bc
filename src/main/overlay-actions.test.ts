import { deepStrictEqual, strictEqual } from "node:assert";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, test } from "vitest";
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

const outcomes = (told: ReturnType<typeof applyText>) => told.map(({ outcome }) => outcome);

test("what is deleted and applied at once is there, though the deletion was not read yet", () => {
  const { folder, options } = overlay("again", there(join(root, "again")));
  deepStrictEqual(outcomes(applyText(options, text, { dryRun: false })), ["unchanged"]);
  deepStrictEqual(outcomes(removeText(options, text, false)), ["deleted"]);
  deepStrictEqual(outcomes(applyText(options, text, { dryRun: false })), ["configured"]);
  strictEqual(existsSync(file(folder)), true);
});

test("what is applied and deleted at once is gone, though it was not read yet", () => {
  const { folder, options } = overlay("gone");
  deepStrictEqual(outcomes(removeText(options, text, false)), ["not found"]);
  deepStrictEqual(outcomes(applyText(options, text, { dryRun: false })), ["created"]);
  deepStrictEqual(outcomes(removeText(options, text, false)), ["deleted"]);
  strictEqual(existsSync(file(folder)), false);
});
