const BOILERPLATE =
  /^(?:Please make sure you have the correct access rights|and the repository exists\.|error: failed to push some refs to|To \S+$|hint: )/

/** What another program or machine said, on one line: without colours, control and invisible characters, at most 300 characters. */
export function plainWords(text: string): string {
  const lines = text
    // Colours and other escape sequences of a terminal.
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .split(/[\r\n]+/)
    .map((line) =>
      line
        .replaceAll(/\p{C}/gu, ' ')
        .replace(/^(?:remote: ?)+/, '')
        .replaceAll(/\s+/gu, ' ')
        .trim(),
    )
    .filter((line) => line !== '' && !BOILERPLATE.test(line))
  const words = [...new Set(lines)].join('; ')
  return words.length > 300 ? `${words.slice(0, 299)}…` : words
}
