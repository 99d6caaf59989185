/** What must hold, whatever happens; docs and design say the same in more words. */
export const LAWS = {
  oneWriter: 'one writer: at most one deployment runs per environment, and its epochs grow by one and are never used again',
  approved:
    'nothing reaches a guarded environment unapproved: it was approved as exactly that request and hash, or it was approved (or adopted) and verified there before',
  mergedBack: 'what is finished was confirmed, and is in develop and in master: by ancestry, as a squash, or by the word of a person',
  nothingOlder: 'automation never replaces what an automatic environment runs by what that contains, but for a rewritten branch',
  vetoed: 'automation does not bring a vetoed snapshot back',
  nothingLost: 'nothing that lacks what is live reaches a guarded environment without an override by a person, with a reason',
  reserved: 'an environment that a sprint has for itself is changed by that sprint, or by a rollback, and by nothing else',
  held: 'nothing starts in a locked environment, and automation starts nothing in a pinned one',
  frozen:
    'nothing but a way back starts in a freeze, unless a person broke it for exactly that, which somebody else is then asked to confirm',
  crossed: 'nobody goes back across what cannot be taken back without forcing it',
  reasons: 'every wait has a reason: what is open in a sprint or in an environment is waited for, in a sentence',
  advice: 'an open sprint always has a command that is possible next',
  settled: 'a sprint rests: the rules move it on as far as they can at once',
  drifted: 'what drifted is of what is verified there now, is waited for, and is forgotten with what is put there next',
  rolledBack: 'a sprint whose release was rolled back says so',
  stopped: 'a merge-back pushes nothing after it was stopped, and none goes on for a sprint that does not merge back',
  latest: 'develop runs where develop goes, and nothing of an aborted sprint waits anywhere',
  rest: 'it comes to rest when everything that is under way has ended',
  small: 'what a workflow remembers is smaller than 64 KiB',
  wayOn: 'a sprint gets to its end when people do what it says is possible',
} as const

export type Law = keyof typeof LAWS

/** The first breach of each law, with what happened. */
export class Breaches {
  readonly found = new Map<Law, string>()

  broke(law: Law, how: string): void {
    if (!this.found.has(law)) this.found.set(law, how)
  }
}
