/** What has to be undone at the end, the newest first, whatever else fails. */
export type CleanUp = {
  readonly later: (undo: () => Promise<unknown>) => void
  readonly run: () => Promise<void>
}

export function openCleanUp(onFailure: (error: unknown) => void): CleanUp {
  const undone: (() => Promise<unknown>)[] = []
  return {
    later: (undo) => void undone.push(undo),
    run: async () => {
      for (let undo = undone.pop(); undo !== undefined; undo = undone.pop()) await undo().catch(onFailure)
    },
  }
}
