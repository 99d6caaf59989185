import { actorName, type Actor } from '../../domain/actor.ts'

const NAME = 'Slipway'
export const SLIPWAY_EMAIL = 'slipway@localhost'

/** Who made a tag or a commit, as git writes it: always Slipway. Who asked stands in the message. */
export function slipwayAt(nowMs: number): string {
  return `${NAME} <${SLIPWAY_EMAIL}> ${dateAt(nowMs)}`
}

/** The same for a git that makes a commit. */
export function slipwayVariables(nowMs: number): Record<string, string> {
  const whose = (role: 'AUTHOR' | 'COMMITTER') => [
    [`GIT_${role}_NAME`, NAME],
    [`GIT_${role}_EMAIL`, SLIPWAY_EMAIL],
    [`GIT_${role}_DATE`, dateAt(nowMs)],
  ]
  return Object.fromEntries([...whose('AUTHOR'), ...whose('COMMITTER')])
}

/** A message that says who asked, without control and invisible characters. */
export function messageBy(by: Actor, message: string): string {
  // A name has no lines, so that nobody signs for others with it.
  const who = actorName(by).replaceAll('\n', ' ')
  return `${message}\n\nRequested by ${who} through Slipway.`.replaceAll(/[^\P{C}\n]/gu, ' ').trim()
}

function dateAt(nowMs: number): string {
  return `${Math.floor(nowMs / 1000)} +0000`
}
