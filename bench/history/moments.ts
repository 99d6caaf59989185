/** Milliseconds since the push began, by name. */
export type Moments = Readonly<Record<string, number>>

/** An event of a history, as much of it as is needed. */
export type Seen = {
  /** Milliseconds since the push began. */
  readonly at: number
  readonly kind: 'signal' | 'scheduled' | 'started' | 'completed' | 'child' | 'begun'
  /** Of the signal, the activity, the child's workflow type. */
  readonly name: string
}

type Histories = {
  readonly repository: readonly Seen[]
  readonly build: readonly Seen[]
  readonly environment: readonly Seen[]
  readonly deployment: readonly Seen[]
}

/** When each stage of a delivery began and ended, out of the histories of the workflows that did it. */
export function momentsOf({ repository, build, environment, deployment }: Histories): Moments {
  const found: Record<string, number | undefined> = {
    hinted: first(repository, 'signal', 'hint')?.at,
    ...stage('look', firstRun(repository, 'look', 0)),
    ...stage('plan', firstRun(build, 'planBuild', 0)),
    ...stage('build', span(build, 'buildImage')),
  }
  const built = found['build ended'] ?? found['plan ended'] ?? 0
  Object.assign(found, {
    reported: first(repository, 'signal', 'buildReport', built)?.at,
    ...stage('name', firstRun(repository, 'nameImages', built)),
  })
  Object.assign(found, {
    requested: first(environment, 'signal', 'request', built)?.at,
    ...stage('prepare', firstRun(environment, 'prepare', built)),
    ...stage('apply', firstRun(deployment, 'apply', 0)),
    ...stage('verify', firstRun(deployment, 'verify', 0)),
  })
  return Object.fromEntries(Object.entries(found).flatMap(([name, at]) => (at === undefined ? [] : [[name, at]])))
}

type Run = { readonly scheduled: number | undefined; readonly started: number | undefined; readonly ended: number | undefined }

function stage(name: string, { scheduled, started, ended }: Run): Record<string, number | undefined> {
  return { [`${name} scheduled`]: scheduled, [`${name} started`]: started, [`${name} ended`]: ended }
}

function firstRun(events: readonly Seen[], activity: string, from: number): Run {
  const scheduled = first(events, 'scheduled', activity, from)?.at
  const started = scheduled === undefined ? undefined : first(events, 'started', activity, scheduled)?.at
  const ended = started === undefined ? undefined : first(events, 'completed', activity, started)?.at
  return { scheduled, started, ended }
}

/** Of activities that run side by side: from the first beginning to the last end. */
function span(events: readonly Seen[], activity: string): Run {
  const at = (kind: Seen['kind']) => events.filter((event) => event.kind === kind && event.name === activity).map((event) => event.at)
  return {
    scheduled: at('scheduled')[0],
    started: at('started').toSorted((a, b) => a - b)[0],
    ended: at('completed')
      .toSorted((a, b) => a - b)
      .at(-1),
  }
}

function first(events: readonly Seen[], kind: Seen['kind'], name: string, from = 0): Seen | undefined {
  return events.find((event) => event.kind === kind && event.name === name && event.at >= from)
}
