import type { ApplicationFailure } from '@temporalio/common'
import { permanent, transient } from '../failure.ts'

/** What was asked, for a sentence: `registry.example refused to …`. */
export type Asked = { readonly address: string; readonly what: string; readonly loggedIn: boolean }

/** The failure for an answer that is neither what was asked for nor "not there". Never holds what was sent. */
export function refusal(status: number, body: string, retryAfter: string | null, asked: Asked): ApplicationFailure {
  const said = registryWords(body)
  const saying = said === '' ? '' : ` It said: ${said}.`
  if (status === 401) {
    return asked.loggedIn
      ? permanent(
          'Refused',
          `the registry ${asked.address} refused the login that registry.credentials in estate.yaml gives, asked to ${asked.what}.${saying} Check the user name and the password or token.`,
        )
      : permanent(
          'Refused',
          `the registry ${asked.address} wants a login to ${asked.what}, and estate.yaml gives none. Set registry.credentials.`,
        )
  }
  if (status === 403) {
    return permanent(
      'Refused',
      `the registry ${asked.address} does not allow to ${asked.what}.${saying} Give the user of registry.credentials the right to do so.`,
    )
  }
  const wait = status === 429 && retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? ` It asks to wait ${retryAfter} s.` : ''
  if (status === 429) return transient(`the registry ${asked.address} takes no more requests for now, asked to ${asked.what}.${wait}`)
  if (status === 507 || /no space left/i.test(said)) {
    return transient(`the registry ${asked.address} has no space left to ${asked.what}.${saying} Free space there; it goes on by itself.`)
  }
  return transient(`the registry ${asked.address} answered ${status}, asked to ${asked.what}.${saying}`)
}

/** The failure for something that was to be written and that the registry does not take. */
export function unwilling(address: string, what: string, body: string): ApplicationFailure {
  const said = registryWords(body)
  return permanent(
    'Refused',
    `the registry ${address} does not ${what}.${said === '' ? '' : ` It said: ${said}.`} Where its tags are immutable, allow Slipway's user to move them, or take another tag.`,
  )
}

/** The first error of a registry's answer, `CODE: message`, short and printable; empty when there is none. */
export function registryWords(body: string): string {
  try {
    const { errors, details } = JSON.parse(body) as { errors?: { code?: unknown; message?: unknown }[]; details?: unknown }
    const first = errors?.[0]
    const words = first
      ? [first.code, first.message].filter((each) => typeof each === 'string').join(': ')
      : typeof details === 'string'
        ? details
        : ''
    return words.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)
  } catch {
    return ''
  }
}
