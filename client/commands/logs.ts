import { parseDigest } from '../../domain/digest.ts'
import type { Context } from '../context.ts'
import { EXIT, notFound, type ExitCode } from '../exit.ts'
import { printJson, printLines } from '../io.ts'
import { environmentPictures } from '../picture.ts'
import type { Slipway } from '../typed/slipway.ts'
import { chooseLog, type LogSource } from '../logs/choose.ts'
import { sectionsOf, type LogSection } from '../logs/sections.ts'
import { neutral, neutralLines } from '../view/neutral.ts'

type Input = { readonly what: string | undefined; readonly service?: string; readonly json?: true }

/** Finds the stored log of a build or deployment and pages it; of what runs, the newest line. */
export async function logs(context: Context, input: Input): Promise<ExitCode> {
  const { io } = context
  const slipway = await context.open()
  const repository = await slipway.repository()
  const environments = await environmentPictures(slipway, repository)
  const source = chooseLog(repository, environments, input.what)
  const sections = await sectionsOf(slipway, source, input.service ?? null)
  if (sections.length === 0) throw nothing(slipway, source, input.service)
  if (input.json === true) {
    printJson(io.out, {
      what: source.name,
      logs: await Promise.all(sections.map(async (section) => ({ ...section, text: await textOf(slipway, section) }))),
    })
    return EXIT.done
  }
  for (const section of sections) {
    const many = sections.length > 1 || section.status === 'failed' || section.status === 'building'
    if (many) printLines(io.out, [`==> ${neutral(section.name)}: ${neutral(section.detail)} <==`])
    if (section.line !== null) printLines(io.out, [neutralLines(section.line)])
    if (section.log !== null) await page(slipway, section.log, (text) => io.out.write(neutralLines(text)))
    if (sections.length > 1) printLines(io.out, [''])
  }
  return EXIT.done
}

async function textOf(slipway: Slipway, { log, line }: LogSection): Promise<string> {
  if (log === null) return line ?? ''
  let text = ''
  await page(slipway, log, (part) => (text += part))
  return text
}

async function page(slipway: Slipway, digest: string, print: (text: string) => unknown): Promise<void> {
  if (!parseDigest(digest).ok) throw notFound(`the log's name ${neutral(digest)} is no digest; it cannot be read`)
  for (let offset: number | null = 0; offset !== null;) {
    const read = await slipway.readLog(digest, offset)
    print(read.text)
    if (read.nextOffset === null && read.text !== '' && !read.text.endsWith('\n')) print('\n')
    offset = read.nextOffset
  }
}

function nothing(slipway: Slipway, source: LogSource, service: string | undefined) {
  const whose = service === undefined ? source.name : `${service} at ${source.name}`
  return notFound(`there is no log of ${whose} in ${slipway.project}: its images were known already, or it is not kept any more`, [
    'slipway status',
  ])
}
