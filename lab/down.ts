import { realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from './cache.ts'
import { allOwn, forgetChoices, readChoices } from './choices.ts'
import { endWorkers } from './demo/worker.ts'
import type { Lab, PartName } from './lab.ts'
import type { Layout } from './layout.ts'
import type { Log } from './log.ts'
import { withLock } from './machine/lock.ts'
import { unmountBelow } from './machine/mounts.ts'
import { parts } from './parts/index.ts'
import { knownLayout, releaseSlot } from './slot-file.ts'

type DownOptions = { checkout: string; environment?: NodeJS.ProcessEnv }

/** Ends every process that the lab started, and takes away its mounts, networks, rules, cgroups and user. Its data stays. */
export async function labDown(options: DownOptions, log: Log): Promise<void> {
  const layout = await layoutFor(options)
  if (!layout) return log.say('there is no lab here')
  await withLock(join(layout.state, 'lock'), () => stopAll(layout, log))
}

/** `down`, and its data, keys and slot go too. What was built stays in the cache. */
export async function labReset(options: DownOptions, log: Log): Promise<void> {
  const layout = await layoutFor(options)
  if (!layout) return log.say('there is no lab here')
  await labDown(options, log)
  await rm(layout.shared, { recursive: true, force: true })
  await rm(layout.state, { recursive: true, force: true })
  await releaseSlot(cacheFolder(options.environment ?? process.env), layout.checkout)
  log.say("the lab's data is deleted; what it built stays in the cache")
}

async function stopAll(layout: Layout, log: Log): Promise<void> {
  const lab: Lab = { layout, choices: (await readChoices(layout.state)) ?? allOwn, log, binaries: noBuilds }
  const failures: Error[] = []
  const stop = async (names: readonly PartName[]) => {
    const outcomes = await Promise.allSettled(names.map((name) => parts[name].stop(lab)))
    for (const one of outcomes) if (one.status === 'rejected') failures.push(one.reason as Error)
  }
  await endWorkers(layout.state)
  await stop(['kubernetes', 'ssh', 'temporal', 'forge'])
  await stop(['engine', 'registry'])
  await stop(['account', 'network', 'images', 'git'])
  await unmountBelow([layout.state, layout.shared, layout.sockets])
  await rm(layout.sockets, { recursive: true, force: true })
  if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join('\n'))
  await forgetChoices(layout.state)
  log.say('the lab is down; "npm run lab -- up" brings it back with its data, "npm run lab -- reset" deletes it')
}

const noBuilds: Lab['binaries'] = {
  temporal: () => Promise.reject(new Error('nothing is built on the way down')),
  kubelab: () => Promise.reject(new Error('nothing is built on the way down')),
  gitea: () => Promise.reject(new Error('nothing is built on the way down')),
  clientsOnPath: async () => undefined,
}

async function layoutFor({ checkout, environment = process.env }: DownOptions): Promise<Layout | undefined> {
  return await knownLayout(cacheFolder(environment), await realpath(checkout))
}
