export type Worker = { readonly start: () => Promise<void>; readonly kill: () => Promise<void> }

/** Workers one after another: while one works the next one starts, and takes nothing before its turn. */
export function openSuccession(make: (turn: Promise<void>) => Promise<Worker>) {
  let current: Worker | null = null
  let spare = prepare()

  async function prepare() {
    const turn = Promise.withResolvers<void>()
    const worker = await make(turn.promise)
    await worker.start()
    return { worker, begin: turn.resolve }
  }

  return {
    next: async (): Promise<void> => {
      const { worker, begin } = await spare
      current = worker
      begin()
      spare = prepare()
      spare.catch(() => undefined)
    },
    endCurrent: async (): Promise<void> => {
      await current?.kill()
      current = null
    },
    close: async (): Promise<void> => {
      await current?.kill()
      await (await spare).worker.kill()
    },
  }
}
