import { pino, type Logger } from 'pino'

export type Log = Logger

/** One JSON line an event on standard output; names and digests only, never a secret. */
export function createLog(level: string): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime })
}
