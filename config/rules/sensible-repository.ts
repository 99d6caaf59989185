import type { EstateFile, ProjectEstate } from '../estate-schema.ts'
import type { Mistake, Path } from '../problem.ts'
import { entriesOf, type Draft, type Rule } from './rule.ts'

/** The login fits the way the repository is reached, and every branch is one thing only. */
export const sensibleRepository: Rule<EstateFile> = (file) =>
  entriesOf(file.projects).flatMap(([project, { repository }]) => {
    if (!repository) return []
    const path = ['projects', project, 'repository']
    return [...fittingLogin(repository, path), ...distinctBranches(repository, [...path, 'branches'])]
  })

type Repository = Draft<ProjectEstate['repository']>

function fittingLogin({ url, login, hostKey }: Repository, path: Path): readonly Mistake[] {
  if (url === undefined) return []
  const kind = kindOf(url)
  const found = (what: string) => `${what} for ${kind === 'local' ? 'a repository on this machine' : `an ${kind} address`}`
  const mistakes: Mistake[] = []
  const add = (key: string, what: string, expected: string) =>
    mistakes.push({ kind: 'value', path: [...path, key], at: 'key', found: found(what), expected })
  if (login !== undefined) {
    const isKey = 'keyFile' in login || 'agent' in login
    if (kind === 'local') add('login', 'a login', 'none')
    else if (kind === 'ssh' && !isKey) add('login', 'a user name and password', '{ keyFile } or { agent: true }')
    else if (kind === 'https' && isKey) add('login', 'an ssh key', '{ username, password }')
  }
  if (hostKey !== undefined && kind !== 'ssh') add('hostKey', 'a host key', 'one for ssh addresses only')
  return mistakes
}

function kindOf(url: string): 'ssh' | 'https' | 'local' {
  if (/^https?:/.test(url)) return 'https'
  return /^(file:|\/)/.test(url) ? 'local' : 'ssh'
}

function distinctBranches({ branches }: Repository, path: Path): readonly Mistake[] {
  const { develop = 'develop', master = 'master', releasePrefix = 'release-' } = branches ?? {}
  const mistakes: Mistake[] = []
  if (develop === master) {
    const at = branches?.master === undefined ? 'develop' : 'master'
    mistakes.push({
      kind: 'value',
      path: [...path, at],
      at: 'value',
      found: `"${develop}" for develop and for master`,
      expected: 'two branches',
    })
  }
  for (const [key, branch] of [['develop', develop] as const, ['master', master] as const]) {
    if (!branch.startsWith(releasePrefix)) continue
    mistakes.push({
      kind: 'value',
      path: [...path, branches?.[key] === undefined ? 'releasePrefix' : key],
      at: 'value',
      found: `"${branch}", which begins with the prefix of release branches "${releasePrefix}"`,
      expected: 'a branch that is no release branch',
    })
  }
  return mistakes
}
