import { request } from "node:http";

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly milliseconds: number;
}

export interface AskOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** One request on a connection of its own. Rejects where no answer comes. */
export function ask(url: string, { headers = {}, timeoutMs = 20_000 }: AskOptions = {}): Promise<Answer> {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, headers, timeout: timeoutMs }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        body += text;
      });
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body, milliseconds: performance.now() - begun }),
      );
    });
    sent.on("timeout", () => sent.destroy(new Error(`${url}: no answer within ${timeoutMs} ms`)));
    sent.on("error", reject);
    sent.end();
  });
}

/** Looks until something holds; answers the milliseconds that took. Rejects after `limitMs` with what `tell` says. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  tell: () => string = () => "",
  limitMs = 90_000,
): Promise<number> {
  const begun = performance.now();
  while (!(await holds())) {
    if (performance.now() - begun > limitMs)
      throw new Error(`after ${limitMs / 1000} s it does not hold that ${what}\n${tell()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return performance.now() - begun;
}

/** A figure for who reads the log of a run. */
export function figure(name: string, value: number, unit: string): void {
  process.stdout.write(`figure: ${name}: ${value.toFixed(value < 10 ? 1 : 0)} ${unit}\n`);
}
