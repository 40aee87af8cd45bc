import { Modal } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import type { ReactElement } from "react";

/** Asks before changes are lost: on the way to another page of the console, and when the tab is closed. */
export function LeavePrompt({ dirty }: { readonly dirty: boolean }): ReactElement | null {
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => dirty,
    withResolver: true,
  });
  if (status !== "blocked") return null;
  return (
    <Modal opened onClose={reset} title="Leave without applying?">
      <p>What you changed here is written nowhere else. It is lost when you leave.</p>
      <div className="dialog-buttons">
        <button type="button" className="plain-button" onClick={reset}>
          Stay
        </button>
        <button type="button" className="plain-button danger" onClick={proceed}>
          Leave and lose it
        </button>
      </div>
    </Modal>
  );
}
