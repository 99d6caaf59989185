import type { Revision } from '../../domain/revision.ts'

type Merge = { readonly tag: string; readonly target: string; readonly revision: Revision }

/** Where a merge waits for a person. */
export function mergeBackBranch(tag: string, target: string): string {
  return `merge-back/${tag}-into-${target.replaceAll('/', '-')}`
}

export function mergeTitle({ tag, target }: Pick<Merge, 'tag' | 'target'>): string {
  return `Merge tag '${tag}' into ${target}`
}

/**
 * The lines with which a person merges in a clone whose remote is `origin`. Names have passed `parseRefName` and need no
 * quotes. Pasted as a whole they do no harm: git does not commit what is still in conflict, and then nothing is pushed.
 */
export function conflictSteps(merge: Merge, branch: string, { unrelated }: { readonly unrelated: boolean }): readonly string[] {
  const options = unrelated ? '--no-ff --allow-unrelated-histories' : '--no-ff'
  return [
    ...begin(merge, branch),
    `git merge ${options} -m "${mergeTitle(merge)}" ${merge.revision}`,
    '# solve the conflicts, and git add each file that is solved',
    'git commit --no-edit',
    end(merge),
  ]
}

/** @param finished the merge that lies in the branch; null where the branch holds something else, and the tag is merged */
export function protectedSteps(merge: Merge, branch: string, finished: Revision | null): readonly string[] {
  // A target that went on meanwhile is merged; one that did not is carried forward to the merge that is there.
  const what = finished === null ? `--no-ff -m "${mergeTitle(merge)}" ${merge.revision}` : `--ff -m "${mergeTitle(merge)}" ${finished}`
  return [...begin(merge, branch), `git merge ${what}`, end(merge)]
}

/** A local branch that is there already is not thrown away: git says so, and a person decides. */
function begin({ target }: Merge, branch: string): readonly string[] {
  return ['git fetch origin', `git checkout --no-track -b ${branch} refs/remotes/origin/${target}`]
}

function end({ target }: Merge): string {
  return `git push origin HEAD:refs/heads/${target}`
}
