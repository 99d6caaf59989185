/** The first Ctrl-C lets the work clean up after itself, the second does not wait for that. */
export async function withInterrupt<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(130)
    stop.abort(new Error('interrupted; what the benchmark made has been removed'))
  }
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of names) process.on(name, onSignal)
  try {
    return await work(stop.signal)
  } finally {
    for (const name of names) process.off(name, onSignal)
  }
}
