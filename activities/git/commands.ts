import type { Revision } from '../../domain/revision.ts'
import type { GitCommand } from './run-git.ts'

/** Argument lists for git. Revisions are full SHAs and names have passed `parseRefName` before they come here. */

/** An object of the remote, and the mirror's own ref that keeps it. */
export type Want = { readonly object: string; readonly ref: string }

export function initMirror(folder: string, format: 'sha1' | 'sha256'): GitCommand {
  return { args: ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, '--end-of-options', folder] }
}

export function listRefs(url: string): GitCommand {
  return { args: ['ls-remote', '--quiet', '--heads', '--tags', '--end-of-options', url] }
}

/** Fetches by SHA, so that no name of the remote becomes a name in the mirror. */
export function fetchObjects(mirror: string, url: string, wants: readonly Want[], maintain: boolean): GitCommand {
  return { args: fetchArgs(mirror, url, maintain), stdin: wants.map(({ object, ref }) => `+${object}:${ref}\n`).join('') }
}

/** For remotes that hand out the tips of their refs only: every branch, with all that is reachable from it. */
export function fetchBranches(mirror: string, url: string): GitCommand {
  return { args: fetchArgs(mirror, url, false, ['--prune']), stdin: '+refs/heads/*:refs/slipway/all/*\n' }
}

function fetchArgs(mirror: string, url: string, maintain: boolean, more: readonly string[] = []): string[] {
  return [
    `--git-dir=${mirror}`,
    'fetch',
    '--quiet',
    '--no-tags',
    '--no-write-fetch-head',
    '--no-recurse-submodules',
    '--no-show-forced-updates',
    maintain ? '--auto-maintenance' : '--no-auto-maintenance',
    ...more,
    '--stdin',
    '--end-of-options',
    url,
  ]
}

/**
 * Puts an object where the remote's ref is at `expected` now, or is not there (null), and nowhere else. The lease only
 * narrows what a push does: without it a new ref would carry an existing one forward when its tip happens to be an
 * ancestor, and a merge would bring a branch back that was deleted or moved back meanwhile. What is pushed over a commit
 * always has it as a parent, so that nothing is ever lost.
 */
export function pushRef(mirror: string, url: string, ref: string, object: string, expected: Revision | null): GitCommand {
  return {
    args: [
      `--git-dir=${mirror}`,
      'push',
      '--porcelain',
      '--no-verify',
      '--no-follow-tags',
      '--recurse-submodules=no',
      `--force-with-lease=${ref}:${expected ?? ''}`,
      '--end-of-options',
      url,
      `${object}:${ref}`,
    ],
  }
}

export function makeTag(mirror: string, content: string): GitCommand {
  return { args: [`--git-dir=${mirror}`, 'mktag'], stdin: content }
}

/** A merge commit: what it goes into comes first. Its people and its date are the environment's. */
export function commitMerge(mirror: string, tree: string, parents: readonly [Revision, Revision], message: string): GitCommand {
  return { args: [`--git-dir=${mirror}`, 'commit-tree', ...parents.flatMap((parent) => ['-p', parent]), tree], stdin: message }
}

export function isAncestor(mirror: string, ancestor: Revision, of: Revision): GitCommand {
  return { args: [`--git-dir=${mirror}`, 'merge-base', '--is-ancestor', '--end-of-options', ancestor, of] }
}

export function mergeBase(mirror: string, a: Revision, b: Revision): GitCommand {
  return { args: [`--git-dir=${mirror}`, 'merge-base', '--end-of-options', a, b] }
}

/** Counts the commits that only `a` and only `b` has, as `<a>\t<b>`. */
export function countDifference(mirror: string, a: Revision, b: Revision): GitCommand {
  return { args: [`--git-dir=${mirror}`, 'rev-list', '--left-right', '--count', '--end-of-options', `${a}...${b}`] }
}

/** The commits of these tips that `base` does not contain. */
export function commitsOutside(mirror: string, base: Revision, tips: readonly Revision[]): GitCommand {
  return { args: [`--git-dir=${mirror}`, 'rev-list', '--stdin'], stdin: `^${base}\n${tips.map((tip) => `${tip}\n`).join('')}` }
}

/** The first-parent line of `tip` down to what `without` contains: each commit with its parents, the newest first. */
export function firstParentLine(mirror: string, tip: Revision, without: readonly Revision[]): GitCommand {
  return {
    args: [`--git-dir=${mirror}`, 'rev-list', '--first-parent', '--parents', '--stdin'],
    stdin: `${tip}\n${without.map((each) => `^${each}\n`).join('')}`,
  }
}

/** The merges on the first-parent line: SHA, parents and subject, separated by NUL and ended by one. */
export function mergesOnLine(mirror: string, tip: Revision, without: readonly Revision[]): GitCommand {
  return {
    args: [
      `--git-dir=${mirror}`,
      'log',
      '-z',
      '--first-parent',
      '--merges',
      '--no-color',
      '--no-show-signature',
      '--format=%H%x00%P%x00%s',
      '--stdin',
    ],
    stdin: `${tip}\n${without.map((each) => `^${each}\n`).join('')}`,
  }
}

/** One merge into the target for each tip, without conflicts' texts; see `parseMergeTrees`. */
export function mergeTrees(mirror: string, target: Revision, tips: readonly Revision[]): GitCommand {
  return {
    args: [`--git-dir=${mirror}`, 'merge-tree', '--write-tree', '-z', '--no-messages', '--allow-unrelated-histories', '--stdin'],
    stdin: tips.map((tip) => `${target} ${tip}\n`).join(''),
  }
}

/** The newest commits that `tip` has and `without` has not: SHA, author and subject, separated by NUL and ended by one. */
export function commitsAfter(mirror: string, without: Revision, tip: Revision, most: number): GitCommand {
  return logBetween(mirror, without, tip, [`--max-count=${most}`, '--format=%H%x00%an%x00%s'])
}

/** Who wrote what `tip` has and `without` has not: the author of each commit that is no merge, and its co-authors, by NUL and newline. */
export function addressesAfter(mirror: string, without: Revision | null, tip: Revision, most: number): GitCommand {
  const format = '--format=%ae%x00%(trailers:key=Co-authored-by,valueonly)'
  return logBetween(mirror, without, tip, ['--no-merges', '--no-mailmap', `--max-count=${most}`, format])
}

/** The newest commits that `tip` has and `without` has not: SHA, parents, subject and body, separated by NUL and ended by one. */
export function commitsWithBodies(mirror: string, without: Revision | null, tip: Revision, most: number): GitCommand {
  return logBetween(mirror, without, tip, [`--max-count=${most}`, '--format=%H%x00%P%x00%s%x00%b'])
}

/** Without `without` all that `tip` has. */
function logBetween(mirror: string, without: Revision | null, tip: Revision, options: readonly string[]): GitCommand {
  const range = without === null ? tip : `${without}..${tip}`
  return { args: [`--git-dir=${mirror}`, 'log', '-z', '--no-color', '--no-show-signature', ...options, '--end-of-options', range] }
}

export function checkOut(mirror: string, folder: string, revision: Revision): GitCommand {
  return {
    args: [
      `--git-dir=${mirror}`,
      `--work-tree=${folder}`,
      'read-tree',
      '--reset',
      '-u',
      '--no-recurse-submodules',
      '--end-of-options',
      revision,
    ],
  }
}

export function readObjects(mirror: string): GitCommand {
  return { args: [`--git-dir=${mirror}`, 'cat-file', '--batch-command'] }
}

export function collectGarbage(mirror: string): GitCommand {
  return { args: [`--git-dir=${mirror}`, 'gc', '--quiet'] }
}

/** The branches of the remote that the mirror keeps: name and the commit's date in seconds since 1970. */
export function listHeldBranches(mirror: string): GitCommand {
  return { args: [`--git-dir=${mirror}`, 'for-each-ref', '--format=%(refname) %(committerdate:unix)', 'refs/slipway/held/heads%*'] }
}

export function dropRefs(mirror: string, refs: readonly string[]): GitCommand {
  return { args: [`--git-dir=${mirror}`, 'update-ref', '--stdin'], stdin: refs.map((ref) => `delete ${ref}\n`).join('') }
}
