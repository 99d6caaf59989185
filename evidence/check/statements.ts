import { z } from 'zod'
import { quoted } from '../../domain/parsed.ts'
import { SIGNATURE_NAMESPACE, type Signed } from '../../domain/signed.ts'
import { signedStatement, STATEMENTS } from '../format.ts'
import { sha256 } from '../manifest.ts'
import { verifySignature, type Signers } from '../verify-signature.ts'
import { parseSshSignature } from '../ssh-signature.ts'
import { readJson, type Bundle, type Found } from './bundle.ts'

/** What a person signed, and whose signature it is; `principal` is null where no signers were given. */
export type SignedWord = {
  readonly digest: string
  readonly signed: Signed
  readonly fingerprint: string
  readonly principal: string | null
  readonly project: string
  readonly place: string
  readonly action: string
  readonly who: string
  readonly at: number
  readonly message: Readonly<Record<string, unknown>>
}

const statement = z.object({
  format: z.literal('slipway/1'),
  project: z.string(),
  place: z.string(),
  action: z.string(),
  message: z.record(z.string(), z.unknown()),
  who: z.string(),
  at: z.number(),
})

/** Every signed statement is under its own digest, and its signature held at the time that it names. */
export async function checkStatements(bundle: Bundle, signers: Signers | null): Promise<Found & { readonly words: readonly SignedWord[] }> {
  const problems: string[] = []
  const words: SignedWord[] = []
  for (const path of bundle.below(STATEMENTS)) {
    const word = await checkStatement(bundle, path, signers)
    if (typeof word === 'string') problems.push(`${quoted(path)}: ${word}`)
    else words.push(word)
  }
  const unchecked = words.length > 0 && signers === null
  return { problems, words, notes: unchecked ? [`${words.length} signatures of people were not checked: no --signers`] : [] }
}

/** @returns what is wrong with it, in words */
async function checkStatement(bundle: Bundle, path: string, signers: Signers | null): Promise<SignedWord | string> {
  const file = readJson(bundle, path, signedStatement)
  if (!file.ok) return file.problem
  const named = path.slice(STATEMENTS.length, -'.json'.length)
  if (named !== sha256(bundle.bytes(path) ?? '')) return 'it is not what its name says'
  const said = statement.safeParse(parseJson(file.value.statement))
  if (!said.success) return 'its statement is none that a person signs for Slipway'
  const signature = parseSshSignature(file.value.signature)
  if (!signature.ok) return signature.problem
  const word = { digest: `sha256:${named}`, signed: file.value, fingerprint: signature.value.fingerprint, principal: null, ...said.data }
  if (signers === null) return word
  const judged = await verifySignature(
    { bytes: Buffer.from(file.value.statement), signature: file.value.signature, namespace: SIGNATURE_NAMESPACE, at: said.data.at },
    signers,
  )
  return judged.ok ? { ...word, principal: judged.principal } : judged.reason
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
