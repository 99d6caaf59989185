import { realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { buildsOf } from './build.ts'
import { cacheFolder } from './cache.ts'
import { choose, readChoices, writeChoices } from './choices.ts'
import type { Wishes } from './choices.ts'
import { envOf } from './env.ts'
import type { LabEnv } from './env.ts'
import { defaultParts } from './lab.ts'
import type { Lab, Part, PartName } from './lab.ts'
import { duration, silent } from './log.ts'
import type { Log } from './log.ts'
import { ensurePrograms, requireRoot } from './machine/install.ts'
import { withLock } from './machine/lock.ts'
import { broughtParts, withNeeds } from './parts/index.ts'
import { claimLayout } from './slot-file.ts'

type UpOptions = {
  /** The folder that the lab belongs to; its state lies in `.lab` there. */
  checkout: string
  /** The default ones when not given; what they need comes with them. */
  parts?: readonly PartName[]
  /** The forge too, which otherwise comes only where it was brought before. */
  forge?: boolean
} & Partial<Wishes>

/** Brings the lab, or the named parts of it, up: at once when they answer already, and whatever has died is started again. */
export async function labUp(options: UpOptions, log: Log = silent): Promise<LabEnv> {
  const wishes: Wishes = { ...options, environment: options.environment ?? process.env }
  const cache = cacheFolder(wishes.environment)
  const asked = (named: readonly PartName[]) => withNeeds(options.forge ? [...named, 'forge'] : named)
  if (asked(options.parts ?? defaultParts).some(({ name }) => !rootless.has(name))) requireRoot()
  const layout = await claimLayout(cache, await realpath(options.checkout))
  const wanted = asked(options.parts ?? (await broughtParts(layout.state)))
  const known = await readChoices(layout.state)
  refuseOtherCluster(known, wishes)
  const open = async (): Promise<Lab> => {
    const choices = (await readChoices(layout.state)) ?? (await choose(wishes))
    await writeChoices(layout.state, choices)
    return { layout, choices, log, binaries: buildsOf(cache, wishes.environment, wishes.own ?? false, log) }
  }
  const lab = await open()
  if ((await silentOnes(lab, wanted)).length > 0) {
    const tell = () => log.say('another command is bringing this lab up or down: waiting for it …')
    await withLock(join(layout.state, 'lock'), async () => await bringUp(await open(), wanted), tell)
  }
  return envOf(layout, lab.choices)
}

const rootless: ReadonlySet<PartName> = new Set(['temporal', 'git', 'registry'])

async function bringUp(lab: Lab, wanted: readonly Part[]): Promise<void> {
  const down = await silentOnes(lab, wanted)
  if (down.length === 0) return
  const names = down.map(({ name }) => name)
  lab.log.say(`starting the lab's ${names.join(', ')}`)
  await startBuilding(lab, names, async () => {
    await ensurePrograms([...new Set(down.flatMap((part) => part.programs(lab.choices)))], lab.log)
    await startAll(lab, down)
  })
}

/** The long builds begin before anything else, and go on beside it; the parts that need them wait for them. */
async function startBuilding({ binaries, choices }: Lab, names: readonly PartName[], meanwhile: () => Promise<void>): Promise<void> {
  const builds: Promise<unknown>[] = []
  if (names.includes('temporal')) builds.push(binaries.temporal())
  if (names.includes('kubernetes') && choices.kubernetes.kind === 'own') builds.push(binaries.kubelab())
  const [outcome] = await Promise.allSettled([meanwhile(), ...builds])
  if (outcome.status === 'rejected') throw outcome.reason
}

/** Each part starts as soon as those that it needs are up. All are tried, then the failures are told together. */
async function startAll(lab: Lab, down: readonly Part[]): Promise<void> {
  const starting = new Map<PartName, Promise<void>>()
  for (const part of down) {
    const needs = Promise.all(part.needs.map(async (name) => await starting.get(name)))
    starting.set(
      part.name,
      needs.then(
        () => startOne(lab, part),
        () => Promise.reject(new NeedFailed()),
      ),
    )
  }
  const outcomes = await Promise.allSettled(starting.values())
  const failures = outcomes.flatMap((one) =>
    one.status === 'rejected' && !(one.reason instanceof NeedFailed) ? [one.reason as Error] : [],
  )
  if (failures.length === 1) throw failures[0]
  if (failures.length > 1) throw new AggregateError(failures, failures.map(({ message }) => message).join('\n'))
}

class NeedFailed extends Error {}

async function startOne(lab: Lab, part: Part): Promise<void> {
  const started = Date.now()
  await part.start(lab)
  lab.log.say(`${part.name} is up (${duration(Date.now() - started)}): ${part.address(lab)}`)
}

async function silentOnes(lab: Lab, wanted: readonly Part[]): Promise<Part[]> {
  const answers = await Promise.all(wanted.map((part) => part.answers(lab)))
  return wanted.filter((_, index) => !answers[index])
}

function refuseOtherCluster(known: Awaited<ReturnType<typeof readChoices>>, { kubeconfig }: Wishes): void {
  if (!known || !kubeconfig) return
  if (known.kubernetes.kind === 'existing' && known.kubernetes.kubeconfig === resolve(kubeconfig)) return
  throw new Error('this lab is up with another cluster; take it down first: npm run lab -- down')
}
