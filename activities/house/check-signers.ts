import { readFile } from 'node:fs/promises'
import type { Finding } from '../contract.ts'
import type { ActivityDeps, Estate } from '../context.ts'
import { projectSettings } from '../estate.ts'
import { findPrincipals } from '../identity/commands.ts'
import { runGit } from '../git/run-git.ts'
import { finding } from './finding.ts'

type Deps = Pick<ActivityDeps, 'estate' | 'environment' | 'stateFolder'>

/** Whether who has to sign can: the signers' file, ssh-keygen, and addresses for those who may not approve their own. */
export async function checkSigners({ estate, environment }: Deps, project: string, signal: AbortSignal): Promise<Finding[]> {
  const { signers } = estate.file
  const askers = asking(estate, project)
  if (signers === undefined && askers.length === 0) return []
  const fix = 'name OpenSSH\'s allowed_signers file by "signers" in estate.yaml, with a line for each key'
  const file = await finding(`signers ${signers ?? ''}`.trim(), fix, async () => {
    if (signers === undefined) throw new Error(`${askers.join(', ')} asks for signed words, and the estate names no signers`)
    const lines = (await readFile(signers, 'utf8')).split('\n').filter((line) => /^\s*[^#\s]/.test(line))
    if (lines.length === 0) throw new Error('it has no line: nobody can sign')
    // Nothing is found in an empty signature; that it runs is what is asked.
    const command = findPrincipals(signers, '/dev/null')
    const env = { PATH: environment['PATH'] ?? '', LC_ALL: 'C' }
    await runGit(command, { program: 'ssh-keygen', environment: env, cwd: '/', signal, timeoutMs: 5000 })
    return `has ${lines.length} ${lines.length === 1 ? 'line' : 'lines'}, and ssh-keygen is here to verify by it`
  })
  return [file, ...(await withoutAddress(estate, project))]
}

/** The places of a project where words have to be signed. */
function asking(estate: Estate, project: string): string[] {
  const { environments, rights } = projectSettings(estate, project)
  const own = environments.filter(({ approval }) => approval?.verified === true).map(({ name }) => name)
  return rights?.verified === true ? [project, ...own] : own
}

/** Approvers of whom nobody could say whether they wrote what they approve. */
async function withoutAddress(estate: Estate, project: string): Promise<Finding[]> {
  const { environments } = projectSettings(estate, project)
  const found = environments.flatMap(({ name, approvers, approval }) => {
    if (approval === undefined || !approval.verified || (approval.author && approval.tagger)) return []
    const unknown = approvers.filter((each) => !each.includes('@') && !approval.addressed.includes(each))
    return unknown.length === 0 ? [] : [{ name, unknown }]
  })
  return Promise.all(
    found.map(({ name, unknown }) =>
      finding(`approvers of ${name}`, `add people.<name>.emails to estate.yaml, or say approval: { author: true, tagger: true }`, () =>
        Promise.reject(
          new Error(`${unknown.join(', ')} cannot approve: no address of theirs is known, so nobody can tell what they wrote`),
        ),
      ),
    ),
  )
}
