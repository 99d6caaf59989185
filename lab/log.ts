/** Where the lab says what it does. */
export type Log = {
  /** One finished sentence. */
  say: (text: string) => void
  /** What a long step is at; replaces the one before where the reader is at a terminal. */
  progress: (text: string) => void
}

export const silent: Log = { say: () => {}, progress: () => {} }

const plainEveryMs = 15_000

export function streamLog(stream: NodeJS.WriteStream): Log {
  return stream.isTTY ? terminalLog(stream) : plainLog(stream)
}

function terminalLog(stream: NodeJS.WriteStream): Log {
  return {
    say: (text) => void stream.write(`\r\u001B[K${text}\n`),
    progress: (text) => void stream.write(`\r\u001B[K${text}`),
  }
}

function plainLog(stream: NodeJS.WriteStream): Log {
  let last = Date.now()
  return {
    say: (text) => void stream.write(`${text}\n`),
    progress: (text) => {
      if (Date.now() - last < plainEveryMs) return
      last = Date.now()
      stream.write(`${text}\n`)
    },
  }
}

/** Tells every second how long `work` has been going on, and in the end how long it took. */
export async function timed<T>(log: Log, what: string, work: () => Promise<T>): Promise<T> {
  const started = Date.now()
  log.say(`${what} …`)
  const ticker = setInterval(() => log.progress(`${what}: ${duration(Date.now() - started)} …`), 1_000)
  try {
    const result = await work()
    log.say(`${what}: done in ${duration(Date.now() - started)}`)
    return result
  } finally {
    clearInterval(ticker)
  }
}

export function duration(ms: number): string {
  const seconds = ms / 1_000
  if (seconds < 10) return `${seconds.toFixed(1)}s`
  if (seconds < 60) return `${Math.round(seconds)}s`
  return `${Math.floor(seconds / 60)}m${String(Math.floor(seconds % 60)).padStart(2, '0')}s`
}
