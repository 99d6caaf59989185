import { historyToJSON, type History } from '@temporalio/common/lib/proto-utils.js'

/** A text, and what stands in base64 in it, as payloads of histories do: what a search for a word has to look at. */
export function everyText(text: string): string {
  const packed = [...text.matchAll(/[A-Za-z0-9+/]{8,}={0,2}/g)].map(([base64]) => Buffer.from(base64, 'base64').toString('latin1'))
  return [text, ...packed].join('\n')
}

/** A history as whoever has Temporal's database reads it. JSON.stringify alone leaves its payloads in base64. */
export function historyText(history: History): string {
  return everyText(historyToJSON(history))
}
