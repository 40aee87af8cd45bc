import { useClipboard } from "@mantine/hooks";
import type { ReactElement } from "react";
import { Icon } from "../icons/icon.tsx";

/** Copies the command that shows the same in a terminal. */
export function CopyCli({
  command,
  label = "Copy as CLI",
}: {
  readonly command: string;
  readonly label?: string;
}): ReactElement {
  const clipboard = useClipboard({ timeout: 2000 });
  return (
    <button type="button" className="plain-button" title={command} onClick={() => clipboard.copy(command)}>
      <Icon name={clipboard.copied ? "check" : "copy"} size={14} />
      <span aria-live="polite">{clipboard.copied ? "Copied" : label}</span>
    </button>
  );
}
