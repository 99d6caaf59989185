import { INPUTS_TAG } from './inputs.ts'
import { engineFailure } from './engine-failure.ts'
import { openWorkshop, type ImageDeps, type Workshop } from './workshop.ts'

export type CleanLimits = {
  /** The newest of each repository are kept, so that the next build finds its cache. */
  readonly keepPerRepository: number
  /** Of what is over, what is younger than this is kept, too. */
  readonly youngerThanMs: number
  readonly nowMs: number
}

export type Cleaned = { readonly images: number; readonly bytes: number }

type LocalImage = { readonly name: string; readonly repository: string; readonly createdMs: number }

/** Removes what Slipway built from the engine's disk (never from the registry): images that only have its own tag. */
export async function cleanImages(deps: ImageDeps, limits: CleanLimits, signal: AbortSignal): Promise<Cleaned> {
  return await cleanWith(openWorkshop(deps), limits, signal)
}

/** The same, for whoever has a client of the engine. */
export async function cleanWith(
  workshop: Pick<Workshop, 'engine' | 'engineName' | 'registry'>,
  limits: CleanLimits,
  signal: AbortSignal,
): Promise<Cleaned> {
  const { engine, engineName, registry } = workshop
  try {
    const list = await engine.listImages({ abortSignal: signal })
    const ours = list.flatMap((image) =>
      (image.RepoTags ?? []).flatMap((name) => readName(name, registry.address, image.Created * 1000) ?? []),
    )
    const before = await layerBytes(workshop)
    let images = 0
    for (const { name } of chooseImages(ours, limits)) {
      signal.throwIfAborted()
      if (await remove(workshop, name, signal)) images++
    }
    return { images, bytes: Math.max(0, before - (await layerBytes(workshop))) }
  } catch (error) {
    throw engineFailure(error, { doing: 'remove old images', engineName, registry: registry.address, signal })
  }
}

/** What goes, the oldest first. */
export function chooseImages(images: readonly LocalImage[], limits: CleanLimits): readonly LocalImage[] {
  const byRepository = Map.groupBy(images, (image) => image.repository)
  const over = [...byRepository.values()].flatMap((each) =>
    each.toSorted((a, b) => b.createdMs - a.createdMs).slice(limits.keepPerRepository),
  )
  return over.filter((image) => limits.nowMs - image.createdMs > limits.youngerThanMs).toSorted((a, b) => a.createdMs - b.createdMs)
}

function readName(name: string, address: string, createdMs: number): LocalImage | null {
  const colon = name.lastIndexOf(':')
  const repository = name.slice(0, colon)
  return repository.startsWith(`${address}/`) && INPUTS_TAG.test(name.slice(colon + 1)) ? { name, repository, createdMs } : null
}

/** False when a container uses it or it is gone already. */
async function remove({ engine }: Pick<Workshop, 'engine'>, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    await engine.getImage(name).remove({ abortSignal: signal })
    return true
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error && (error.statusCode === 409 || error.statusCode === 404)) return false
    throw error
  }
}

async function layerBytes({ engine }: Pick<Workshop, 'engine'>): Promise<number> {
  const usage = (await engine.df()) as { LayersSize?: number }
  return usage.LayersSize ?? 0
}
