import type { ReactElement } from "react";

/** Outlines of Tabler Icons 3 (MIT, github.com/tabler/tabler-icons): the few that the console shows, not the whole set. */
const outlines = {
  traffic:
    "M3 19a2 2 0 1 0 4 0a2 2 0 0 0 -4 0M19 7a2 2 0 1 0 0 -4a2 2 0 0 0 0 4M11 19h5.5a3.5 3.5 0 0 0 0 -7h-8a3.5 3.5 0 0 1 0 -7h4.5",
  tap: "M3 12h4l3 8l4 -16l3 8h4",
  workloads:
    "M21 16.008v-8.018a1.98 1.98 0 0 0 -1 -1.717l-7 -4.008a2.016 2.016 0 0 0 -2 0l-7 4.008c-.619 .355 -1 1.01 -1 1.718v8.018c0 .709 .381 1.363 1 1.717l7 4.008a2.016 2.016 0 0 0 2 0l7 -4.008c.619 -.355 1 -1.01 1 -1.718M12 22v-10M12 12l8.73 -5.04M3.27 6.96l8.73 5.04",
  overview: "M4 4h6v8h-6zM4 16h6v4h-6zM14 12h6v8h-6zM14 4h6v4h-6z",
  namespaces:
    "M4 7v-1a2 2 0 0 1 2 -2h1M4 17v1a2 2 0 0 0 2 2h1M17 4h1a2 2 0 0 1 2 2v1M17 20h1a2 2 0 0 0 2 -2v-1M9 9h6v6h-6z",
  applications: "M12 4l-8 4l8 4l8 -4l-8 -4M4 12l8 4l8 -4M4 16l8 4l8 -4",
  services:
    "M3 7a3 3 0 0 1 3 -3h12a3 3 0 0 1 3 3v2a3 3 0 0 1 -3 3h-12a3 3 0 0 1 -3 -3zM3 15a3 3 0 0 1 3 -3h12a3 3 0 0 1 3 3v2a3 3 0 0 1 -3 3h-12a3 3 0 0 1 -3 -3zM7 8v.01M7 16v.01",
  gateways: "M13 12v.01M3 21h18M5 21v-16a2 2 0 0 1 2 -2h7.5M17 13.500v7.500M14 7h7m-3 -3l3 3l-3 3",
  outside:
    "M3 12a9 9 0 1 0 18 0a9 9 0 0 0 -18 0M3.600 9h16.800M3.600 15h16.800M11.500 3a17 17 0 0 0 0 18M12.500 3a17 17 0 0 1 0 18",
  certificates:
    "M12 15a3 3 0 1 0 6 0a3 3 0 1 0 -6 0M13 17.500v4.500l2 -1.500l2 1.500v-4.500M10 19h-5a2 2 0 0 1 -2 -2v-10c0 -1.100 .900 -2 2 -2h14a2 2 0 0 1 2 2v10a2 2 0 0 1 -1 1.730M6 9l12 0M6 12l3 0M6 15l2 0",
  sync: "M20 11a8.100 8.100 0 0 0 -15.500 -2m-.5 -4v4h4M4 13a8.100 8.100 0 0 0 15.500 2m.5 4v-4h-4",
  mesh: "M10 5a2 2 0 1 0 4 0a2 2 0 0 0 -4 0M3 18a2 2 0 1 0 4 0a2 2 0 0 0 -4 0M17 18a2 2 0 1 0 4 0a2 2 0 0 0 -4 0M11 6.700l-4.800 9.600M13 6.700l4.800 9.600M7 18h10",
  checks:
    "M3.500 5.500l1.500 1.500l2.500 -2.500M3.500 11.500l1.500 1.500l2.500 -2.500M3.500 17.500l1.500 1.500l2.500 -2.500M11 6l9 0M11 12l9 0M11 18l9 0",
  config:
    "M14 3v4a1 1 0 0 0 1 1h4M17 21h-10a2 2 0 0 1 -2 -2v-14a2 2 0 0 1 2 -2h7l5 5v11a2 2 0 0 1 -2 2M10 13l-1 2l1 2M14 13l1 2l-1 2",
  findings:
    "M12 9v4M10.363 3.591l-8.106 13.534a1.914 1.914 0 0 0 1.636 2.871h16.214a1.914 1.914 0 0 0 1.636 -2.87l-8.106 -13.536a1.914 1.914 0 0 0 -3.274 0M12 16h.01",
  traces: "M4 6h8M8 12h8M12 18h8",
  search: "M3 10a7 7 0 1 0 14 0a7 7 0 1 0 -14 0M21 21l-6 -6",
  clock: "M3 12a9 9 0 1 0 18 0a9 9 0 0 0 -18 0M12 7v5l3 3",
  sun: "M8 12a4 4 0 1 0 8 0a4 4 0 1 0 -8 0M3 12h1m8 -9v1m8 8h1m-9 8v1m-6.4 -15.4l.7 .7m12.1 -.7l-.7 .7m0 11.4l.7 .7m-12.1 -.7l-.7 .7",
  moon: "M12 3c.132 0 .263 0 .393 0a7.5 7.5 0 0 0 7.92 12.446a9 9 0 1 1 -8.313 -12.454l0 .008",
  system: "M3 5a1 1 0 0 1 1 -1h16a1 1 0 0 1 1 1v10a1 1 0 0 1 -1 1h-16a1 1 0 0 1 -1 -1v-10M7 20h10M9 16v4M15 16v4",
  down: "M6 9l6 6l6 -6",
  close: "M18 6l-12 12M6 6l12 12",
  copy: "M7 9.667a2.667 2.667 0 0 1 2.667 -2.667h8.666a2.667 2.667 0 0 1 2.667 2.667v8.666a2.667 2.667 0 0 1 -2.667 2.667h-8.666a2.667 2.667 0 0 1 -2.667 -2.667l0 -8.666M4.012 16.737a2.005 2.005 0 0 1 -1.012 -1.737v-10c0 -1.1 .9 -2 2 -2h10c.75 0 1.158 .385 1.5 1",
  check: "M5 12l5 5l10 -10",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  fit: "M4 8v-2a2 2 0 0 1 2 -2h2M4 16v2a2 2 0 0 0 2 2h2M16 4h2a2 2 0 0 1 2 2v2M16 20h2a2 2 0 0 0 2 -2v-2",
  tidy: "M6 21l15 -15l-3 -3l-15 15l3 3M15 6l3 3M9 3a2 2 0 0 0 2 2a2 2 0 0 0 -2 2a2 2 0 0 0 -2 -2a2 2 0 0 0 2 -2M19 13a2 2 0 0 0 2 2a2 2 0 0 0 -2 2a2 2 0 0 0 -2 -2a2 2 0 0 0 2 -2",
  unlocked:
    "M5 13a2 2 0 0 1 2 -2h10a2 2 0 0 1 2 2v6a2 2 0 0 1 -2 2h-10a2 2 0 0 1 -2 -2l0 -6M11 16a1 1 0 1 0 2 0a1 1 0 1 0 -2 0M8 11v-5a4 4 0 0 1 8 0",
  help: "M12 17v.01M12 13.5a1.5 1.5 0 0 1 1 -1.5a2.6 2.6 0 1 0 -3 -4M3 12a9 9 0 1 0 18 0a9 9 0 1 0 -18 0",
  play: "M7 4v16l13 -8z",
  pause: "M6 5h4v14h-4zM14 5h4v14h-4z",
  replay: "M12 8v4l2 2M3.05 11a9 9 0 1 1 .5 4m-.5 5v-5h5",
  download: "M4 17v2a2 2 0 0 0 2 2h12a2 2 0 0 0 2 -2v-2M7 11l5 5l5 -5M12 4v12",
  right: "M5 12l14 0M13 18l6 -6M13 6l6 6",
  user: "M8 7a4 4 0 1 0 8 0a4 4 0 0 0 -8 0M6 21v-2a4 4 0 0 1 4 -4h4a4 4 0 0 1 4 4v2",
  eye: "M10 12a2 2 0 1 0 4 0a2 2 0 0 0 -4 0M21 12c-2.4 4 -5.4 6 -9 6c-3.6 0 -6.6 -2 -9 -6c2.4 -4 5.4 -6 9 -6c3.600 0 6.600 2 9 6",
  columns: "M3 4a1 1 0 0 1 1 -1h16a1 1 0 0 1 1 1v16a1 1 0 0 1 -1 1h-16a1 1 0 0 1 -1 -1v-16M9 3v18M15 3v18",
} as const;

export type IconName = keyof typeof outlines;

/** An outline in the colour of the text around it; decoration only, the words beside it say what it is. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }): ReactElement {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={size > 18 ? 1.6 : 1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={outlines[name]} />
    </svg>
  );
}
