/** How long each stage took, from what began it to what it wanted. */
export type StageTimes = {
  /** Runs from now until the next `end`. */
  readonly begin: () => void
  readonly end: (stage: string) => void
  readonly all: () => readonly { readonly stage: string; readonly ms: number }[]
}

export function openStageTimes(now: () => number): StageTimes {
  let began = now()
  const stages: { stage: string; ms: number }[] = []
  return {
    begin: () => {
      began = now()
    },
    end: (stage) => void stages.push({ stage, ms: now() - began }),
    all: () => stages,
  }
}
