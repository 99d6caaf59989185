import { readFile, writeFile } from 'node:fs/promises'

const BEGIN = '<!-- measured: begin -->'
const END = '<!-- measured: end -->'

/** Puts the tables between the marks of the page. */
export async function writeTables(file: string, tables: string): Promise<void> {
  await writeFile(file, withTables(await readFile(file, 'utf8'), tables))
}

export function withTables(page: string, tables: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`expected "${BEGIN}" and after it "${END}"; put them where the tables belong`)
  return `${page.slice(0, begin)}${BEGIN}\n\n${tables}\n\n${page.slice(end)}`
}
