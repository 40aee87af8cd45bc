import type { TapEvent } from "../../api/contract/tap.ts";

/** What a stream of server-sent events says, piece by piece. */
export async function* tapEvents(pieces: AsyncIterable<string>): AsyncGenerator<TapEvent> {
  let rest = "";
  for await (const piece of pieces) {
    const blocks = (rest + piece).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks)
      if (block.startsWith("data: ")) yield JSON.parse(block.slice("data: ".length)) as TapEvent;
  }
}
