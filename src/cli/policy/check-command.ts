import type { Command } from "commander";
import type { Session } from "../session.ts";
export function defineCheck(_command: Command, _session: Session): void {}
