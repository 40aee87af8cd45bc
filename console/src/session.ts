import { Live } from "./api/live.ts";
import { newQueryClient } from "./api/queries.ts";

/** What lives as long as the page: answers that were heard, and the stream that says what to ask for again. */
export const queryClient = newQueryClient();
export const live = new Live(queryClient);
