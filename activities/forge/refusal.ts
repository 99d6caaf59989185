import type { ApplicationFailure } from '@temporalio/common'
import { permanent, transient } from '../failure.ts'

export type Address = {
  /** Such as `the forge https://git.example (eap/website)`. */
  readonly name: string
  /** The right that the token needs, for who has to give it: `the scope write:repository`. */
  readonly right: string
  /** What may never be repeated, whoever says it. */
  readonly token: string
}

/** The failure for an answer other than what was asked for. */
export function refusal(status: number, body: string, retryAfter: string | null, asked: Address & { what: string }): ApplicationFailure {
  const { name, right, what } = asked
  const words = forgeWords(body, asked.token)
  const said = words === '' ? '' : ` It said: ${words}.`
  if (status === 401) {
    return permanent(
      'Refused',
      `${name} does not know the token of forge in estate.yaml, asked to ${what}.${said} Make one with ${right}, and place it where estate.yaml says.`,
    )
  }
  if (status === 403) {
    return permanent(
      'Refused',
      `${name} does not allow to ${what}.${said} The token needs ${right}, and its user access to the repository.`,
    )
  }
  if (status === 404) {
    return permanent(
      'NotFound',
      `${name} has nothing there, asked to ${what}.${said} Check the repository or project of forge in estate.yaml; a forge also says so where the token's user may not look. It needs ${right}.`,
    )
  }
  if (status === 429 || status === 408 || status >= 500) {
    const wait = retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? ` It asks to wait ${retryAfter} s.` : ''
    return transient(`${name} answered ${status}, asked to ${what}.${said}${wait}`)
  }
  return permanent('Conflict', `${name} refused to ${what} (${status}).${said} Look at the branches and the open merge requests there.`)
}

/** What a forge says about an error, short and printable; empty when it says nothing that can be shown. */
function forgeWords(body: string, token: string): string {
  try {
    const { message, error, error_description: description } = JSON.parse(body) as Record<string, unknown>
    const said = [message, error, description].find((each) => each !== undefined && each !== null && each !== '')
    const words = typeof said === 'string' ? said : said === undefined ? '' : JSON.stringify(said)
    const shown = words
      .replace(/[^\x21-\x7e]+/g, ' ')
      .trim()
      .replace(/\.$/, '')
    return shown.replaceAll(token, '…').slice(0, 200)
  } catch {
    return ''
  }
}
