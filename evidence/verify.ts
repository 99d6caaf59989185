import { checkApprovals } from './check/approvals.ts'
import { checkAttestations } from './check/attestations.ts'
import { both, openBundle, readJson, type Found } from './check/bundle.ts'
import { environmentClaims, sprintClaims } from './check/claims.ts'
import { checkContents } from './check/contents.ts'
import { readRecords } from './check/records.ts'
import { checkBundleSignature } from './check/signature.ts'
import { checkStatements, type SignedWord } from './check/statements.ts'
import { checkWords } from './check/words.ts'
import { head, HEAD, type Head } from './format.ts'
import { compareWithManifest, MANIFEST, parseManifest } from './manifest.ts'
import { readTar } from './tar.ts'
import type { Signers } from './verify-signature.ts'

export type Verification = Found & {
  /** True when nothing was found that does not hold. */
  readonly ok: boolean
  readonly head: Head | null
  /** The principal of the allowed signers whose key signed the bundle; null: nobody's, or not checked. */
  readonly signedBy: string | null
  readonly words: readonly SignedWord[]
}

/**
 * Checks a bundle with nothing but the allowed signers: no Temporal, no registry, no estate.
 *
 * @param signers null: digests and records are checked, signatures are not
 */
export async function verifyEvidence(tar: Buffer, signers: Signers | null): Promise<Verification> {
  const members = readTar(tar)
  if (!members.ok) return failedAt(members.problem)
  const bundle = openBundle(members.value)
  const text = bundle.text(MANIFEST)
  const manifest = text === null ? ({ ok: false, problem: `${MANIFEST} is not there` } as const) : parseManifest(text)
  if (!manifest.ok) return failedAt(manifest.problem)
  const changed = compareWithManifest(members.value, manifest.value)
  const read = readJson(bundle, HEAD, head)
  if (!read.ok) return failedAt(...changed, read.problem)

  const { environments, sprint, problems: unreadable } = readRecords(bundle, read.value)
  const claims = [
    ...environments.flatMap((environment) => environmentClaims(environment.name, environment)),
    ...sprintClaims(read.value.version, sprint),
  ]
  const signature = await checkBundleSignature(bundle, read.value, signers)
  const statements = await checkStatements(bundle, signers)
  const found = both(
    { problems: [...changed, ...unreadable], notes: read.value.missing.map(({ what, why }) => `missing: ${what}: ${why}`) },
    signature,
    statements,
    checkWords(read.value.project, claims, statements.words),
    ...environments.map((environment) => checkApprovals(environment, statements.words)),
    checkContents(bundle, read.value, environments),
    await checkAttestations(bundle, read.value, environments, signers),
  )
  return { ok: found.problems.length === 0, ...found, head: read.value, signedBy: signature.signedBy, words: statements.words }
}

function failedAt(...problems: readonly string[]): Verification {
  return { ok: false, problems, notes: [], head: null, signedBy: null, words: [] }
}
