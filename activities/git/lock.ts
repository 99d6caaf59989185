/** Lets one piece of work in at a time, in the order in which they came. Who is aborted while waiting leaves at once. */
export type Lock = <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>

export function createLock(): Lock {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> => {
    const turn = last
    return new Promise<T>((resolve, reject) => {
      const leave = () => reject(signal.reason as Error)
      signal.addEventListener('abort', leave, { once: true })
      last = turn.then(async () => {
        signal.removeEventListener('abort', leave)
        if (signal.aborted) return leave()
        await work().then(resolve, reject)
      })
    })
  }
}
