/** Time as it is needed here: one clock that only goes forward, and one to compare with what the cluster writes down. */
export type Clock = {
  readonly nowMs: () => number
  /** Milliseconds since 1970. */
  readonly wallMs: () => number
}
