import { ActivityCancellationType, type ActivityOptions } from '@temporalio/workflow'

/**
 * How long each activity may take, and why. Temporal itself tries each once: trying again is the workflow's work (see
 * persist.ts), so that the reason of the newest failure is part of the state and can be asked.
 */
const ONCE = { maximumAttempts: 1 } as const

/**
 * A worker heartbeats every two seconds at least; after five missed ones it is taken for dead and the work begins anew. All
 * activities do, short ones too: with the answer to a heartbeat comes the word that it was cancelled.
 */
const HEARTBEAT = '10s'

/** Reading refs and making one: a slow remote answers within seconds; a first clone of a large repository takes minutes. */
export const GIT: ActivityOptions = { startToCloseTimeout: '15m', heartbeatTimeout: HEARTBEAT, retry: ONCE }

/** A person waits for the answer of a command: what a remote does not answer within this is told as a failure. */
export const GIT_WHILE_SOMEBODY_WAITS: ActivityOptions = {
  startToCloseTimeout: '20s',
  scheduleToCloseTimeout: '30s',
  heartbeatTimeout: HEARTBEAT,
  retry: ONCE,
}

/** A merge of a large repository takes seconds, a first clone of it minutes. */
export const MERGE: ActivityOptions = { startToCloseTimeout: '15m', heartbeatTimeout: HEARTBEAT, retry: ONCE }

/** A forge answers one request within ten seconds, or is away. */
export const FORGE: ActivityOptions = { startToCloseTimeout: '60s', heartbeatTimeout: HEARTBEAT, retry: ONCE }

/** Looking at a target: a host answers within seconds; the repository may have to be cloned first. A person waits for it. */
export const SURVEY: ActivityOptions = {
  startToCloseTimeout: '50s',
  scheduleToCloseTimeout: '55s',
  heartbeatTimeout: HEARTBEAT,
  retry: ONCE,
}

/** Reading a file and asking the registry for a handful of tags; longer only while the mirror is cloned. */
export const PLAN: ActivityOptions = { startToCloseTimeout: '15m', heartbeatTimeout: HEARTBEAT, retry: ONCE }

/** A pre-build is limited by its own timeout (two hours at most), an image build by nothing else. */
export const BUILD: ActivityOptions = { startToCloseTimeout: '4h', heartbeatTimeout: HEARTBEAT, retry: ONCE }

/** A handful of requests to the registry. */
export const NAME: ActivityOptions = { startToCloseTimeout: '2m', heartbeatTimeout: HEARTBEAT, retry: ONCE }

/** The same after a deployment: that the registry is away for a moment costs no name, and holds up nothing for long. */
export const KEEP: ActivityOptions = { ...NAME, retry: { maximumAttempts: 3 } }

/** The same while somebody waits for what is taken over. */
export const KEEP_ADOPTED: ActivityOptions = { ...KEEP, startToCloseTimeout: '10s', scheduleToCloseTimeout: '20s' }

/** Rendering reads files and runs kustomize; longer only while the mirror is cloned. */
export const PREPARE: ActivityOptions = { startToCloseTimeout: '15m', heartbeatTimeout: HEARTBEAT, retry: ONCE }

/**
 * What deploying would change, asked for those who approve: nobody shall wait for it long. It is only evidence, so that it is
 * tried again here, and given up.
 */
export const PLAN_SEEN: ActivityOptions = {
  startToCloseTimeout: '60s',
  scheduleToCloseTimeout: '90s',
  heartbeatTimeout: HEARTBEAT,
  retry: { initialInterval: '1s', maximumAttempts: 3 },
}

/** The same for a way back, which is urgent: what is not answered at once is told as that, and nobody waits for it. */
export const PLAN_AT_ONCE: ActivityOptions = { ...PLAN_SEEN, scheduleToCloseTimeout: '5s', retry: ONCE }

/** The same where somebody goes back only as planned: their wish is refused when it cannot be told. */
export const PLAN_OR_REFUSE: ActivityOptions = { ...PLAN_SEEN, scheduleToCloseTimeout: '30s', retry: ONCE }

/**
 * Read from the worker's own estate and clock, in milliseconds: it has ended before a heartbeat is due, and only a worker that
 * is gone misses one. Whoever waits for it waits for its word: it is tried again by the workflow.
 */
export const FREEZE: ActivityOptions = {
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '30s',
  heartbeatTimeout: HEARTBEAT,
  retry: ONCE,
}

/** What is cancelled on a target has to have ended there before anything else begins; a worker that is gone ends by its heartbeat. */
const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED

/** Pulling images on a slow host takes minutes; a placed script may run for two hours. */
export const APPLY: ActivityOptions = { startToCloseTimeout: '150m', heartbeatTimeout: HEARTBEAT, retry: ONCE, cancellationType }

/** The rollout has its own limit in estate.yaml (two hours at most), the health checks too (one hour). */
export const VERIFY: ActivityOptions = { startToCloseTimeout: '4h', heartbeatTimeout: HEARTBEAT, retry: ONCE, cancellationType }

/**
 * A hook has its own limit in slipway.yaml (two hours at most), and ends where it runs. Cancelled, it is waited for: only so
 * does the worker hear that it is to be ended there, and not that somebody else follows it now.
 */
export const HOOK: ActivityOptions = { startToCloseTimeout: '150m', heartbeatTimeout: HEARTBEAT, retry: ONCE, cancellationType }

/** Looking at every object of a target: the cluster answers a few hundred within seconds. A person may wait for it. */
export const INSPECT: ActivityOptions = {
  startToCloseTimeout: '50s',
  scheduleToCloseTimeout: '55s',
  heartbeatTimeout: HEARTBEAT,
  retry: ONCE,
}

/** Asked by a person who waits: a queue that no worker polls is told as such after ten seconds. */
export const ASKED: ActivityOptions = {
  startToCloseTimeout: '60s',
  scheduleToStartTimeout: '10s',
  heartbeatTimeout: HEARTBEAT,
  retry: ONCE,
}

/** As ASKED, for what a repository is cloned for, or hundreds of objects are asked about. */
export const ASKED_MUCH: ActivityOptions = {
  startToCloseTimeout: '4m',
  scheduleToStartTimeout: '10s',
  heartbeatTimeout: HEARTBEAT,
  retry: ONCE,
}

/** Git packs a mirror for an hour at most, and the store is asked about every content it holds. What is left goes the next time. */
export const CLEAN: ActivityOptions = {
  startToCloseTimeout: '90m',
  scheduleToStartTimeout: '10s',
  heartbeatTimeout: HEARTBEAT,
  retry: ONCE,
}

/** Reading some dozens of histories and writing what is in them takes seconds; somebody waits for it. */
export const EVIDENCE: ActivityOptions = {
  startToCloseTimeout: '5m',
  scheduleToStartTimeout: '10s',
  heartbeatTimeout: HEARTBEAT,
  retry: ONCE,
}

/** The same when a sprint has ended: nobody waits, and a store that is away for a day is waited for. */
export const EVIDENCE_AT_THE_END: ActivityOptions = {
  startToCloseTimeout: '30m',
  scheduleToCloseTimeout: '3d',
  heartbeatTimeout: HEARTBEAT,
  retry: { initialInterval: '10s', maximumInterval: '1h' },
}

/** Two runs of ssh-keygen, and a file for the store; a person waits for it. */
export const IDENTIFY: ActivityOptions = {
  startToCloseTimeout: '15s',
  scheduleToCloseTimeout: '30s',
  heartbeatTimeout: HEARTBEAT,
  retry: ONCE,
}

/** A forge that is away for a day is waited for; its page holds up nothing. */
export const RELEASE_PAGE: ActivityOptions = {
  startToCloseTimeout: '5m',
  scheduleToCloseTimeout: '1d',
  heartbeatTimeout: HEARTBEAT,
  retry: { initialInterval: '10s', maximumInterval: '30m' },
}

/**
 * Telling somebody what happened: ten seconds for one attempt, by Temporal itself, ever more seldom. How long it is tried the
 * estate says; nothing waits for it, so no reason has to be asked for meanwhile.
 */
export const ANNOUNCE: ActivityOptions = {
  startToCloseTimeout: '20s',
  heartbeatTimeout: HEARTBEAT,
  retry: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '5m' },
}

/** Reading the worker's own estate, or a few requests to Temporal. */
export const LIGHT: ActivityOptions = {
  startToCloseTimeout: '30s',
  heartbeatTimeout: HEARTBEAT,
  retry: { initialInterval: '1s', maximumInterval: '30s' },
}
