/** One question about what was deployed, which is asked again until it was answered well for long enough. */
export type Question = {
  /** How it is called for a person: `GET http://…`. */
  readonly says: string
  /** Throws only when it could not be asked; an answer that is a bad one, or none in time, is no failure. */
  readonly ask: (signal: AbortSignal, leftMs: number) => Promise<Answered>
}

/** `words` continue the question's name for a good answer, and stand for themselves for a bad one. */
export type Answered = { readonly isGood: boolean; readonly words: string }

/** What a question may speak of. */
export type DeployedFacts = { readonly environment: string; readonly tag: string; readonly revision: string }
