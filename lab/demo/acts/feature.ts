import type { Stage } from '../stage.ts'

type Feature = { readonly branch: string; readonly changes: readonly string[]; readonly message: string }

/** A sprint begins, and its one feature is developed and merged into develop. */
export async function sprintBegins({ shell }: Stage, version: string, { branch, changes, message }: Feature): Promise<void> {
  await shell.run(`slipway start ${version} --feature ${branch}`)
  await shell.run(`git switch --quiet develop && git pull --quiet && git switch --quiet --create ${branch}`)
  for (const change of changes) await shell.run(change)
  await shell.run(`git commit --quiet --all --message "${message}" && git push --quiet origin ${branch}`)
  await shell.run(`git switch --quiet develop && git merge --quiet --no-ff --no-edit ${branch} && git push --quiet origin develop`)
}
