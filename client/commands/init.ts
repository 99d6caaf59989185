import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { printLines, type Io } from '../io.ts'
import { estateText } from '../init/estate-text.ts'
import { findings } from '../init/find.ts'
import { slipwayText } from '../init/slipway-text.ts'
import { FILE, findProject } from '../project.ts'
import { neutral } from '../view/neutral.ts'

/** Writes what is missing of slipway.yaml and estate.yaml; what is there is never touched. */
export async function init({ io }: Context): Promise<ExitCode> {
  const found = { ...(await findings(io.cwd)), ...(await namedAlready(io)) }
  const files = [
    [FILE, slipwayText(found)],
    ['estate.yaml', estateText(found)],
  ] as const
  for (const [name, text] of files) {
    const wrote = await writeNew(join(io.cwd, name), text)
    printLines(io.out, [wrote ? `wrote ${name}` : `${name} is there already; it stays as it is`])
  }
  printLines(io.out, [
    `found: ${neutral(describe(found))}`,
    'read both files and mend what they guess; estate.yaml belongs beside the worker, not into the repository',
    '  next: slipway dev',
    '  next: slipway doctor',
  ])
  return EXIT.done
}

function describe(found: Awaited<ReturnType<typeof findings>>): string {
  const parts = [
    ...found.services.map((service) => `a Dockerfile for ${service.name}`),
    ...(found.compose === null ? [] : [`the compose file ${found.compose.file}`]),
    ...found.overlays.map((overlay) => `the overlay ${overlay.folder}`),
  ]
  return parts.length === 0 ? 'no Dockerfile, compose file or overlay' : parts.join(', ')
}

/** An estate.yaml that is written beside an existing slipway.yaml speaks of its project. */
async function namedAlready(io: Io): Promise<{ project?: string }> {
  if (!existsSync(join(io.cwd, FILE))) return {}
  return { project: await findProject(io, { config: FILE }) }
}

async function writeNew(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx' })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}
