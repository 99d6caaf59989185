import { access, constants, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identitiesOf, personOf } from '../../config/people.ts'
import type { ActivityDeps } from '../context.ts'
import { permanent } from '../failure.ts'
import { runGit, type GitCommand, type GitOutcome } from '../git/run-git.ts'
import { quoted } from '../../domain/parsed.ts'
import { findPrincipals, verifySignature } from './commands.ts'
import type { Verdict, Verifier } from './verifier.ts'

type Deps = Pick<ActivityDeps, 'estate' | 'environment'>

const TIMEOUT_MS = 5000
/** What may be an identity: it becomes an argument, and stands in records. */
const IDENTITY = /^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u
const GOOD = /key (SHA256:[A-Za-z0-9+/]{43})\s*$/

/** SSH keys, by OpenSSH's own program and its own file of allowed signers. */
export function createSshVerifier({ estate, environment }: Deps): Verifier {
  return async (signed, who, signal) => {
    const signers = await signersOf(estate.file.signers)
    if (!IDENTITY.test(who)) return { ok: false, reason: `${quoted(who)} is no name that somebody can sign with` }
    const folder = await mkdtemp(join(tmpdir(), 'slipway-signature-'))
    try {
      const file = join(folder, 'signature')
      await writeFile(file, signed.signature, { mode: 0o600 })
      const run = (command: GitCommand) =>
        runGit(command, { program: 'ssh-keygen', environment: ownEnvironment(environment), cwd: folder, signal, timeoutMs: TIMEOUT_MS })
      return await judge(signed.statement, { who, file, signers, people: estate.file, run })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

type Circumstances = {
  readonly who: string
  readonly file: string
  readonly signers: string
  readonly people: Parameters<typeof identitiesOf>[0]
  readonly run: (command: GitCommand) => Promise<GitOutcome>
}

/** The person may stand in the signers' file by name or by any of the addresses. */
async function judge(statement: string, { who, file, signers, people, run }: Circumstances): Promise<Verdict> {
  const name = personOf(people, who)
  const said: string[] = []
  for (const identity of new Set([who, ...identitiesOf(people, name)])) {
    const { exitCode, stdout, stderr } = await run(verifySignature(signers, identity, file, statement))
    const key = GOOD.exec(stdout.toString('utf8'))?.[1]
    if (exitCode === 0 && key !== undefined) return { ok: true, name, key }
    said.push(stderr)
  }
  const owners = (await run(findPrincipals(signers, file))).stdout.toString('utf8').split(/[\n,]/).filter(Boolean)
  return { ok: false, reason: whyNot(said.join('\n'), name, owners.map((owner) => personOf(people, owner)).slice(0, 5)) }
}

function whyNot(said: string, name: string, owners: readonly string[]): string {
  if (/incorrect signature/.test(said)) return 'it is not what was signed: the statement and the signature do not belong together'
  if (/namespace does not match/.test(said)) return 'it was signed for something else: its namespace is not slipway'
  if (/key has expired|key is not yet valid/.test(said)) return `the key of ${name} is not valid now, by the dates in the signers' file`
  if (/parse signature|incomplete message|armor/.test(said)) return 'that is no SSH signature'
  const [owner] = owners
  if (owner === undefined) return `the key that signed is not among the signers, or not as one of ${name}`
  return owners.includes(name)
    ? `the signers' file does not let this key of ${name} sign for slipway`
    : `it is signed with a key of ${owners.join(', ')}, not of ${name}: say --as ${owner}`
}

async function signersOf(file: string | undefined): Promise<string> {
  if (file === undefined)
    throw permanent('InvalidConfiguration', 'The estate of this worker names no signers, so nobody can sign: add `signers` to estate.yaml.')
  try {
    await access(file, constants.R_OK)
    return file
  } catch (error) {
    throw permanent(
      'InvalidConfiguration',
      `The signers' file ${file} cannot be read: put it beside the worker, in the form of OpenSSH's allowed_signers.`,
      undefined,
      error instanceof Error ? error : undefined,
    )
  }
}

/** Made from nothing; dates without a zone in the signers' file are the worker's. */
function ownEnvironment(from: ActivityDeps['environment']): Record<string, string> {
  const passed = ['PATH', 'TZ'].flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]] as const]))
  return { ...Object.fromEntries(passed), LC_ALL: 'C' }
}
