import { placeOf, type Report, sentence } from "./report.ts";

const commands = { Error: "error", Warning: "warning", Info: "notice" } as const;

/** The findings as commands of GitHub Actions, which shows each beside its line. https://docs.github.com/actions/reference/workflow-commands */
export function github({ findings }: Report): string {
  return findings
    .map((finding) => {
      const place = placeOf(finding);
      const where =
        place === undefined ? [] : [`file=${property(place.file)}`, `line=${place.line}`, `col=${place.column}`];
      const text = place === undefined ? `${finding.origin}: ${sentence(finding)}` : sentence(finding);
      return `::${commands[finding.level]} ${[...where, `title=${property(finding.code)}`].join(",")}::${data(text)}\n`;
    })
    .join("");
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
