const patienceMs = 15_000;
/** Bytes of an answer. */
const longest = 64 * 1024 * 1024;

/** Gets a URL that whoever runs this named. Rejects for what is not 200, comes too late, or is too long. */
export async function askText(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(patienceMs), redirect: "error" });
  if (response.status !== 200)
    throw new Error(`it answered ${response.status}: ${(await bounded(response)).slice(0, 200)}`);
  return bounded(response);
}

async function bounded(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > longest) throw new Error(`its answer is longer than ${longest} bytes`);
  }
  return text;
}
