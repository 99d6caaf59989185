import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HISTORIES } from '../replay/histories.ts'

type Event = {
  readonly workflowExecutionSignaledEventAttributes?: {
    readonly signalName: string
    readonly input?: { readonly payloads?: readonly { readonly data?: string }[] }
  }
}

/** What the recorded histories have of each Signal, by its name: what real workflows said to each other, each thing once. */
export function recordedSignals(): ReadonlyMap<string, readonly unknown[]> {
  const texts = new Map<string, Set<string>>()
  for (const file of readdirSync(HISTORIES).filter((name) => name.endsWith('.json'))) {
    const { events } = JSON.parse(readFileSync(join(HISTORIES, file), 'utf8')) as { events: Event[] }
    for (const { workflowExecutionSignaledEventAttributes: signaled } of events) {
      const data = signaled?.input?.payloads?.[0]?.data
      if (signaled === undefined || data === undefined) continue
      const known = texts.get(signaled.signalName) ?? new Set()
      texts.set(signaled.signalName, known.add(Buffer.from(data, 'base64').toString('utf8')))
    }
  }
  return new Map([...texts].map(([name, known]) => [name, [...known].map((text) => JSON.parse(text) as unknown)]))
}
