import { Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactElement, useState } from "react";
import { post } from "../api/client.ts";
import { Failure } from "../notes/notes.tsx";
import { CopyCli } from "../table/copy-cli.tsx";

interface Rotation {
  readonly label: string;
  readonly path: string;
  readonly command: string;
  readonly words: string;
}

const rotations: readonly Rotation[] = [
  {
    label: "New certificates for workloads",
    path: "certificates/reissue",
    command: "npx weft certs rotate workloads",
    words: "Every workload gets a new certificate at once. Connections stay open; no request fails.",
  },
  {
    label: "Next root",
    path: "certificates/rotate",
    command: "npx weft certs rotate root",
    words:
      "A new root is made. It signs once every proxy has heard of it; the old one is trusted until its last certificate has ended. Nothing is restarted.",
  },
];

/** New certificates before their time. */
export function RotateButtons(): ReactElement {
  const [asked, setAsked] = useState<Rotation>();
  return (
    <>
      {rotations.map((rotation) => (
        <button key={rotation.path} type="button" className="plain-button" onClick={() => setAsked(rotation)}>
          {rotation.label}
        </button>
      ))}
      {asked && <RotateDialog rotation={asked} onClose={() => setAsked(undefined)} />}
    </>
  );
}

function RotateDialog({
  rotation,
  onClose,
}: {
  readonly rotation: Rotation;
  readonly onClose: () => void;
}): ReactElement {
  const client = useQueryClient();
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: () => post<unknown>(rotation.path),
    onSuccess: () => client.invalidateQueries({ queryKey: ["mesh", "certificates"] }),
  });
  return (
    <Modal opened onClose={onClose} title={rotation.label}>
      <div className="rotate">
        <p>{rotation.words}</p>
        {error && <Failure error={error} />}
        {isSuccess && <p role="status">Done. Proxies take what is new within seconds.</p>}
        <div className="dialog-buttons">
          <CopyCli command={rotation.command} />
          <span className="push" />
          <button type="button" className="plain-button" onClick={onClose}>
            {isSuccess ? "Close" : "Leave it"}
          </button>
          {!isSuccess && (
            <button type="button" className="plain-button" onClick={() => mutate()} disabled={isPending}>
              {isPending ? "Working" : "Go on"}
            </button>
          )}
        </div>
      </div>
    </Modal>
  );
}
