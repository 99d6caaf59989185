import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createGitActivities } from '../../../activities/git/activities.ts'
import { createMirrors } from '../../../activities/git/mirrors.ts'
import type { AttemptContext } from '../../../activities/context.ts'
import type { GitActivities, LookInput, LookResult, MergeActivities } from '../../../activities/contract.ts'
import type { GitMirror } from '../../../activities/git/open-mirror.ts'
import { estateSchema } from '../../../config/estate-schema.ts'
import type { Revision } from '../../../domain/revision.ts'

const IDENTITY = {
  GIT_AUTHOR_NAME: 'Dev',
  GIT_AUTHOR_EMAIL: 'dev@example.org',
  GIT_COMMITTER_NAME: 'Dev',
  GIT_COMMITTER_EMAIL: 'dev@example.org',
}

/** A developer's git, on the machine's own rules but for its configuration. */
export function git(folder: string, ...args: string[]): string {
  return run(folder, args)
}

export function gitWithInput(folder: string, input: string, ...args: string[]): string {
  return run(folder, args, input)
}

function run(folder: string, args: string[], input?: string): string {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', ...IDENTITY }
  return execFileSync('git', ['-C', folder, ...args], {
    env,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
    ...(input === undefined ? {} : { input }),
  }).trim()
}

/** A bare remote, a developer's clone of it, and a worker that looks at it. */
export type Team = {
  readonly folder: string
  readonly remote: string
  readonly clone: string
  readonly state: string
  readonly mirror: GitMirror
  readonly activities: GitActivities & Pick<MergeActivities, 'mergeInto'>
  readonly attempt: AttemptContext & { readonly controller: AbortController }
  /** Writes the files, commits them on the branch (made when new) and pushes it. */
  readonly push: (branch: string, files: Readonly<Record<string, string>>, message?: string) => Revision
  readonly look: (more?: Partial<LookInput>) => Promise<LookResult>
  readonly end: () => void
}

export type TeamOptions = {
  readonly url?: string
  readonly repository?: Readonly<Record<string, unknown>>
  readonly environment?: Readonly<Record<string, string>>
  readonly state?: string
  readonly objectFormat?: 'sha1' | 'sha256'
}

export function createTeam(options: TeamOptions = {}): Team {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-test-git-'))
  const remote = join(folder, 'remote.git')
  const clone = join(folder, 'clone')
  const format = `--object-format=${options.objectFormat ?? 'sha1'}`
  git(folder, 'init', '--quiet', '--bare', '--initial-branch=develop', format, remote)
  git(folder, 'init', '--quiet', '--initial-branch=develop', format, clone)
  git(clone, 'remote', 'add', 'origin', remote)
  return { ...joinTeam(folder, remote, clone, options), end: () => rmSync(folder, { recursive: true, force: true }) }
}

/** A worker of its own for a team that is there. */
export function joinTeam(folder: string, remote: string, clone: string, options: TeamOptions = {}): Omit<Team, 'end'> {
  const state = options.state ?? join(folder, 'state')
  const controller = new AbortController()
  const attempt = { signal: controller.signal, controller, heartbeat: () => {} }
  const deps = {
    estate: estateOf({ url: options.url ?? remote, ...options.repository }),
    stateFolder: state,
    environment: { PATH: process.env['PATH'], ...options.environment },
    attempt: () => attempt,
  }
  const mirrors = createMirrors(deps)
  const activities = createGitActivities({ ...deps, mirrors })
  return {
    folder,
    remote,
    clone,
    state,
    mirror: mirrors('shop'),
    activities,
    attempt,
    push: (branch, files, message = `change ${branch}`) => {
      if (git(clone, 'branch', '--list', branch) !== '') git(clone, 'checkout', '--quiet', branch)
      else if (hasCommits(clone)) git(clone, 'checkout', '--quiet', '-b', branch)
      else git(clone, 'symbolic-ref', 'HEAD', `refs/heads/${branch}`)
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(clone, path)), { recursive: true })
        writeFileSync(join(clone, path), content)
      }
      git(clone, 'add', '--all')
      git(clone, 'commit', '--quiet', '--allow-empty', '-m', message)
      git(clone, 'push', '--quiet', '--force', 'origin', branch)
      return git(clone, 'rev-parse', 'HEAD')
    },
    look: (more = {}) => activities.look({ project: 'shop', cursor: null, settingsHash: null, features: [], versions: [], ...more }),
  }
}

function hasCommits(clone: string): boolean {
  try {
    git(clone, 'rev-parse', '--verify', 'HEAD')
    return true
  } catch {
    return false
  }
}

export function estateOf(repository: Readonly<Record<string, unknown>>) {
  const file = estateSchema.parse({
    registry: { address: 'registry.example:5000' },
    hosts: { one: { address: 'one.example', user: 'deploy', login: { agent: true }, hostKey: { knownHosts: '/known' } } },
    clusters: { main: { kubeconfig: '/kubeconfig' } },
    projects: {
      shop: {
        repository,
        environments: {
          integration: { from: 'develop', target: { compose: { host: 'one', directory: '/srv/shop' } } },
          alpha: { from: 'release', target: { kustomize: { cluster: 'main', namespace: 'alpha' } }, approvers: ['ann'] },
          prod: { from: 'tag', target: { script: { host: 'one', command: 'deploy.sh' } } },
          preview: { from: 'tag', deploy: 'automatic', target: { kustomize: { cluster: 'main', namespace: 'preview' } } },
        },
      },
    },
  })
  return { file, hash: 'e'.repeat(64) }
}

export const alice = { kind: 'person', name: 'alice', verified: false } as const
