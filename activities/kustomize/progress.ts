/**
 * How far a rollout is. `line` is for a person; `failed` means that waiting will not mend it; `stuck` that it hardly will.
 * A verdict with `lastsMs` counts once it was seen for that long without a break.
 */
export type Progress =
  | { readonly state: 'done'; readonly line: string; readonly lastsMs?: number }
  | { readonly state: 'waiting'; readonly line: string; readonly stuck?: string }
  | { readonly state: 'failed'; readonly line: string; readonly lastsMs?: number }

export function done(line: string, lastsMs = 0): Progress {
  return { state: 'done', line, ...(lastsMs > 0 ? { lastsMs } : {}) }
}

export function waiting(line: string, stuck?: string): Progress {
  return { state: 'waiting', line, ...(stuck ? { stuck } : {}) }
}

export function failed(line: string, lastsMs = 0): Progress {
  return { state: 'failed', line, ...(lastsMs > 0 ? { lastsMs } : {}) }
}

/** As much is shown of what a controller says. */
export const LINE_LIMIT = 600

/** Until the controller has seen this generation its numbers speak of the one before. */
export const UNSEEN = waiting('the controller has not seen the change yet')
