import { Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { meshQuery, problemsQuery } from "../api/queries.ts";
import { Icon } from "../icons/icon.tsx";
import type { Picture } from "./picture.ts";
import { reportOf } from "./report.ts";

/** Takes away what is shown: as a picture, as data, or as a report. */
export function ExportMenu({ picture }: { readonly picture: Picture }): ReactElement {
  const mesh = useQuery(meshQuery).data?.name ?? "mesh";
  const problems = useQuery(problemsQuery).data ?? [];
  const { graph } = picture;
  const name = `${mesh}-traffic-${new Date(graph.at).toISOString().slice(0, 19).replaceAll(":", "")}`;
  const json = () => {
    const { found, findError: _find, hideError: _hide, hidden, labels, kinds, shown } = picture;
    const look = { link: location.href, labels, kinds, shown: [...shown], hidden };
    const hits = found && { nodes: [...found.nodes], edges: [...found.edges] };
    return JSON.stringify({ ...look, ...(hits ? { found: hits } : {}), graph }, undefined, 2);
  };
  const report = () => reportOf(graph, { mesh, link: location.href, problems });
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }} offset={4}>
      <Menu.Target>
        <button type="button" className="plain-button" aria-label="Export">
          <Icon name="download" size={14} />
          Export
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => savePicture(`${name}.png`)}>Picture (PNG)</Menu.Item>
        <Menu.Item onClick={() => save(`${name}.json`, new Blob([json()], { type: "application/json" }))}>
          Data (JSON)
        </Menu.Item>
        <Menu.Item onClick={() => save(`${name}.md`, new Blob([report()], { type: "text/markdown" }))}>
          Report (Markdown)
        </Menu.Item>
        <Menu.Item onClick={() => void navigator.clipboard?.writeText(location.href)}>
          Copy the link to this state
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function save(name: string, blob: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** All layers of the graph as they are on the screen, one over the other. */
function savePicture(name: string): void {
  const layers = [...document.querySelectorAll<HTMLCanvasElement>(".traffic > .graph .graph-stage canvas")];
  const [first] = layers;
  if (!first) return;
  const whole = document.createElement("canvas");
  whole.width = Math.max(...layers.map((l) => l.width));
  whole.height = Math.max(...layers.map((l) => l.height));
  const context = whole.getContext("2d");
  if (!context) return;
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--page").trim();
  context.fillRect(0, 0, whole.width, whole.height);
  for (const layer of layers) context.drawImage(layer, 0, 0, whole.width, whole.height);
  whole.toBlob((blob) => blob && save(name, blob), "image/png");
}
