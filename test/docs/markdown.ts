/** A relative link of a page: the file it names, and the heading in it where it names one. */
export type Link = { readonly file: string; readonly anchor: string | null }

/** Links and images of a page that point into the repository. What stands in code is no link. */
export function relativeLinks(text: string): Link[] {
  const prose = text.replaceAll(/^```[^]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = '', anchor = null] = target.split('#')
      return { file, anchor }
    })
}

/** The anchors that a forge makes of a page's headings. */
export function anchorsOf(text: string): string[] {
  const prose = text.replaceAll(/^```[^]*?^```/gm, '')
  return [...prose.matchAll(/^#{1,6} (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  )
}

/** What a page shows as code: the lines of its blocks, and its inline code. Lines that a backslash continues are one. */
export function codeLines(text: string): string[] {
  const blocks = [...text.matchAll(/^[ \t]*```[a-z]*\n([^]*?)^[ \t]*```/gm)].flatMap((match) =>
    (match[1] ?? '').replaceAll(/\s*\\\n\s*/g, ' ').split('\n'),
  )
  const inline = [...text.replaceAll(/^[ \t]*```[^]*?^[ \t]*```/gm, '').matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '')
  return [...blocks, ...inline].map((line) => line.replaceAll(String.raw`\|`, '|').trim()).filter((line) => line !== '')
}

/** Every use of the command line in a line of code: its first word, and the long options that follow it. */
export function slipwayUses(line: string): { readonly command: string; readonly options: string[] }[] {
  return [...line.matchAll(/(?<![\w/.'-])slipway ([a-z]+(?:-[a-z]+)*)((?:(?! -- |&&|[;#`"]).)*)/g)].map((match) => ({
    command: match[1] ?? '',
    options: [...(match[2] ?? '').matchAll(/(?<=[\s[|])--([a-z][a-z-]*)/g)].map((option) => option[1] ?? ''),
  }))
}

/** The scripts of package.json that a line of code runs. */
export function npmScripts(line: string): string[] {
  return [...line.matchAll(/\bnpm (?:run (?:--silent )?([\w-]+)|(test)\b)/g)].map((match) => match[1] ?? match[2] ?? '')
}
