import { open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { MOST_BYTES } from '../../evidence/member.ts'
import { verifyEvidence } from '../../evidence/verify.ts'
import type { Context } from '../context.ts'
import { EXIT, failed, notFound, type ExitCode } from '../exit.ts'
import { printJson, printLines } from '../io.ts'
import { composeVerification } from '../json/verification.ts'
import { neutral } from '../view/neutral.ts'
import { look } from '../view/paint.ts'
import { printed } from '../view/span.ts'
import { verificationLines } from '../view/verification.ts'

type Input = { readonly file: string; readonly signers?: string; readonly json?: true }

/** Needs nothing but the file, the allowed signers and ssh-keygen. Exit 1 when something does not hold. */
export async function verifyEvidenceFile({ io }: Context, { file, signers, json }: Input): Promise<ExitCode> {
  const bytes = await readWhole(resolve(io.cwd, file))
  const allowed = signers === undefined ? null : resolve(io.cwd, signers)
  if (allowed !== null && !(await isFile(allowed))) throw notFound(`there is no file of allowed signers at ${neutral(allowed)}`)
  const asked = allowed === null ? null : { file: allowed, path: io.env['PATH'] ?? '/usr/bin:/bin' }
  const report = composeVerification(await verifyEvidence(bytes, asked), asked !== null)
  if (json === true) printJson(io.out, report)
  else printLines(io.out, printed(verificationLines(report), look(io)))
  return report.ok ? EXIT.done : EXIT.failed
}

async function readWhole(path: string): Promise<Buffer> {
  const file = await open(path, 'r').catch(() => {
    throw notFound(`there is no bundle at ${neutral(path)}`)
  })
  try {
    const found = await file.stat()
    if (!found.isFile()) throw failed(`expected a file at ${neutral(path)}, found something else`)
    if (found.size > MOST_BYTES) throw failed(`expected a bundle of at most ${MOST_BYTES} bytes at ${neutral(path)}, found ${found.size}`)
    return await file.readFile()
  } finally {
    await file.close()
  }
}

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}
