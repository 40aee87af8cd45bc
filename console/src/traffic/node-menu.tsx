import { Menu } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { GraphNode } from "../../../src/api/contract/graph.ts";
import type { Point } from "./geometry.ts";
import { nameOf } from "./plates.ts";
import type { TrafficSearch } from "./search.ts";
import { useAddress } from "./use-address.ts";

interface NodeMenuProps {
  readonly node: GraphNode;
  readonly at: Point;
  readonly search: TrafficSearch;
  readonly onClose: () => void;
}

/** What can be done with a node, where it was clicked with the second button. */
export function NodeMenu({ node, at, search, onClose }: NodeMenuProps): ReactElement {
  const navigate = useNavigate();
  const change = useAddress();
  const expression = `name = ${quoted(node.type === "unknown" ? "unknown" : node.name)}`;
  const detail = detailOf(node);
  return (
    <Menu opened onClose={onClose} position="bottom-start" transitionProps={{ duration: 0 }} offset={0}>
      <Menu.Target>
        <span className="menu-anchor" style={{ left: at.x, top: at.y }} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{nameOf(node)}</Menu.Label>
        {node.type === "namespace" ? (
          <Menu.Item onClick={() => change({ expand: opened(search, node.namespace) })}>Show what is in it</Menu.Item>
        ) : (
          <Menu.Item
            onClick={() => void navigate({ to: "/traffic/node/$", params: { _splat: node.id }, search: true })}
          >
            Its traffic
          </Menu.Item>
        )}
        {detail && <Menu.Item onClick={() => void navigate({ to: detail as "/workloads" })}>Its page</Menu.Item>}
        {search.focus === node.id ? (
          <Menu.Item onClick={() => change({ focus: undefined })}>The whole graph</Menu.Item>
        ) : (
          <Menu.Item onClick={() => change({ focus: node.id })}>It and its neighbours alone</Menu.Item>
        )}
        <Menu.Item onClick={() => change({ find: expression })}>Find {expression}</Menu.Item>
        <Menu.Item onClick={() => change({ hide: search.hide ? `(${search.hide}) or ${expression}` : expression })}>
          Hide it
        </Menu.Item>
        {node.namespace !== "" && search.expand?.split(",").includes(node.namespace) && (
          <Menu.Item onClick={() => change({ expand: closed(search, node.namespace) })}>
            Fold namespace {node.namespace}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function quoted(name: string): string {
  return /[\s()!=<>"*^$]/.test(name) ? `"${name.replaceAll('"', "")}"` : name;
}

/** The page about a node, where there is one. */
function detailOf(node: GraphNode): string | undefined {
  const path = (page: string, ...parts: readonly string[]) => `/${page}/${parts.map(encodeURIComponent).join("/")}`;
  if (node.type === "gateway") return path("gateways", node.namespace, node.name);
  if (node.type === "workload") return path("workloads", node.namespace, node.name);
  if (node.type === "app") return path("applications", node.namespace, node.app);
  if (node.type === "service") return path("services", node.namespace, node.name);
  return node.type === "external" && !node.members ? path("outside", node.name) : undefined;
}

/** The address with one more namespace opened. */
export function opened({ expand }: TrafficSearch, namespace: string): string {
  return [...new Set([...(expand?.split(",") ?? []), namespace])].join(",");
}

/** The address with one namespace folded again. */
export function closed({ expand }: TrafficSearch, namespace: string): string | undefined {
  return (
    expand
      ?.split(",")
      .filter((n) => n !== namespace)
      .join(",") || undefined
  );
}
