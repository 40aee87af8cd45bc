const patienceMs = 15_000;
/** Bytes of an answer. */
const longest = 64 * 1024 * 1024;

/** A server that whoever runs this named: a Prometheus, a store of traces. */
export interface NamedServer {
  /** Its address as anybody may see it, without name, password and the slash at its end. */
  readonly url: string;
  /** The text of an answer, undefined where it is 404. Rejects for any other that is not 200, comes too late, or is too long. */
  ask(url: string): Promise<string | undefined>;
}

/** @param address `http://HOST:PORT/PATH`; a name and a password in it, `http://me:secret@HOST`, are sent as Basic authorization. */
export function namedServer(address: string): NamedServer {
  const named = new URL(address);
  const { username, password } = named;
  named.username = named.password = "";
  const who = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64");
  const headers = username === "" && password === "" ? {} : { authorization: `Basic ${who}` };
  return {
    url: named.href.replace(/\/+$/, ""),
    async ask(url) {
      const response = await fetch(url, { headers, signal: AbortSignal.timeout(patienceMs), redirect: "error" });
      const text = await bounded(response);
      if (response.status === 404) return undefined;
      if (response.status !== 200) throw new Error(`it answered ${response.status}: ${text.slice(0, 200)}`);
      return text;
    },
  };
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
