import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { MOST_BYTES } from '../../evidence/member.ts'
import { readContent } from '../content.ts'
import type { Context } from '../context.ts'
import { refused } from '../exit.ts'
import { printJson, printLines } from '../io.ts'
import { neutral } from '../view/neutral.ts'

type Input = { readonly version: string; readonly out?: string; readonly anew?: true; readonly json?: true }

/** Has the worker gather what is known of a version, and writes the bundle to a file. */
export async function evidence(context: Context, input: Input): Promise<void> {
  const { io } = context
  const { version, anew = false } = input
  const slipway = await context.open()
  const path = resolve(io.cwd, input.out ?? `${slipway.project}-${version}.evidence.tar`)
  const { content, kept, signer, missing } = await slipway.evidence(version, anew)
  const bundle = await readContent(slipway, content.digest, MOST_BYTES)
  await writeNew(path, bundle)
  if (input.json === true) return printJson(io.out, { file: path, digest: content.digest, bytes: content.bytes, kept, signer, missing })
  const signed = signer === null ? '' : `, signed by ${signer}`
  printLines(io.out, [
    `${version} of ${slipway.project}: ${content.bytes} bytes, ${content.digest}${signed}`,
    ...missing.map((each) => `  missing: ${neutral(each)}`),
    `written to ${neutral(path)}`,
    `  next: slipway verify-evidence ${neutral(path)} --signers FILE`,
  ])
}

/** Evidence that is there is not overwritten, unless it is the same. */
async function writeNew(path: string, bytes: Buffer): Promise<void> {
  const there = await readFile(path).catch(() => null)
  if (there?.equals(bytes) === true) return
  if (there !== null) throw refused(`${neutral(path)} is there already, with something else in it; name another file with --out`)
  const part = `${path}.${process.pid}.part`
  try {
    await writeFile(part, bytes, { flag: 'wx' })
    await rename(part, path)
  } finally {
    await rm(part, { force: true })
  }
}
