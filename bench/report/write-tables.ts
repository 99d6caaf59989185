import { readFile, writeFile } from 'node:fs/promises'
import type { BenchName } from '../options.ts'

/** Puts the tables of a benchmark between its marks on the page. */
export async function writeTables(file: string, bench: BenchName, tables: string): Promise<void> {
  await writeFile(file, withTables(await readFile(file, 'utf8'), bench, tables))
}

export function withTables(page: string, bench: BenchName, tables: string): string {
  const [opening, closing] = [mark(bench, 'begin'), mark(bench, 'end')]
  const [begin, end] = [page.indexOf(opening), page.indexOf(closing)]
  if (begin < 0 || end < begin) throw new Error(`expected "${opening}" and after it "${closing}"; put them where the tables belong`)
  return `${page.slice(0, begin)}${opening}\n\n${tables}\n\n${page.slice(end)}`
}

function mark(bench: BenchName, which: 'begin' | 'end'): string {
  return `<!-- measured: ${bench}: ${which} -->`
}
