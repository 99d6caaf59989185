import { gitea } from './gitea.ts'
import { github } from './github.ts'
import { gitlab } from './gitlab.ts'
import { plain } from './plain.ts'
import type { Sender, SenderName } from './sender.ts'

const SENDERS: Readonly<Record<SenderName, Sender>> = { gitlab, github, gitea, plain }

export const SENDER_NAMES = Object.keys(SENDERS) as readonly SenderName[]

export function senderOf(name: string): Sender | null {
  return Object.hasOwn(SENDERS, name) ? SENDERS[name as SenderName] : null
}
