import { setHandler, type SignalDefinition } from '@temporalio/workflow'
import { recorded, type Entry } from '../../domain/timeline.ts'
import { Malformed, type Reader } from './shape.ts'

/**
 * Where a machine's Signal comes in. Anybody who reaches Temporal can send one, with whatever in it, and an exception in a
 * handler would stop the workflow for good: what cannot be read changes nothing, and is noted where there is a record.
 * What the rules throw goes through: that is a mistake of ours, and the message shall wait until it is mended.
 */
export function machine<Message, Result>(
  signal: { readonly name: string },
  read: Reader<Message>,
  take: (message: Message) => Result,
  note?: (problem: string) => void,
): (sent: unknown) => Result | undefined {
  return (sent) => {
    const heard = tryRead(read, sent, signal.name)
    if (heard.ok) return take(heard.value)
    note?.(`a Signal that is none was left out: ${heard.problem}`)
    return undefined
  }
}

/** The doors of a workflow that keeps a record. @param note enters there what could not be read */
export function openMachineDoor(note: (problem: string) => void) {
  return <Message>(signal: SignalDefinition<[Message]>, read: Reader<Message>, take: (message: Message) => void | Promise<void>) =>
    setHandler(signal, machine(signal, read, take, note))
}

export function tryRead<Message>(
  read: Reader<Message>,
  sent: unknown,
  path: string,
): { readonly ok: true; readonly value: Message } | { readonly ok: false; readonly problem: string } {
  try {
    return { ok: true, value: read(sent, path) }
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, problem: error.message }
    throw error
  }
}

/** The same over and over is noted once: it shall not push out of the record what people said. */
export function noted(entries: readonly Entry[], at: number, problem: string): readonly Entry[] {
  const next = recorded(entries, at, 'malformed', problem)
  return entries.at(-1)?.text === next.at(-1)?.text ? entries : next
}
