import type { Answer, Refusal } from '../../domain/wait.ts'
import { explain } from '../explain.ts'

/** What became of one thing that was to be taken over. `known`: it was taken over, or deployed, before; `left`: not yet. */
export type Outcome = {
  readonly name: string
  readonly kind: 'taken' | 'nothing' | 'known' | 'left' | 'failed'
  readonly text: string
  readonly next: readonly string[]
}

/** One that fails does not keep the others from being taken over. */
export async function outcomeOf(name: string, ask: () => Promise<Answer<{ text: string }>>): Promise<Outcome> {
  try {
    const answer = await ask()
    if (answer.ok) return { name, kind: 'taken', text: answer.text, next: [] }
    return { name, kind: KINDS[answer.kind], text: answer.reason, next: answer.next }
  } catch (error) {
    const { message, next } = explain(error)
    return { name, kind: 'failed', text: message, next }
  }
}

/** What stands against it in the state is that Slipway deploys there already, or that somebody was quicker. */
const KINDS: Readonly<Record<Refusal['kind'], Outcome['kind']>> = {
  notFound: 'nothing',
  state: 'known',
  rights: 'failed',
  failed: 'failed',
}
