import { randomUUID } from 'node:crypto'
import type { ImageActivities } from '../../../activities/contract.ts'
import { createImageActivities } from '../../../activities/image/activities.ts'
import { createEngine, engineAddress } from '../../../activities/image/engine.ts'
import { openWorkshop } from '../../../activities/image/workshop.ts'
import { labUp } from '../../../lab/up.ts'
import { bench, type Bench } from './estate.ts'
import { gitFolder, type GitFolder } from './git-folder.ts'

export type OnLab = Bench & {
  git: GitFolder
  activities: ImageActivities
  /** Where this test's image repositories lie. */
  prefix: string
  registryAddress: string
  busybox: string
  workshop: ReturnType<typeof openWorkshop>
}

/** The image activities on the lab's engine and registry, with names of the test's own; removed with `remove`. */
export async function onLab(options: { registry?: string; environment?: Record<string, string> } = {}): Promise<OnLab> {
  const lab = await labUp({ checkout: process.cwd(), parts: ['engine', 'registry', 'images'] })
  const git = await gitFolder()
  const registryAddress = options.registry ?? lab.registry.address
  const at = await bench({
    dockerHost: lab.engine.dockerHost,
    registry: registryAddress,
    mirror: git.mirror,
    base: lab.images.busybox,
    ...(options.environment ? { environment: options.environment } : {}),
  })
  const prefix = `test-image-${randomUUID().slice(0, 8)}`
  return {
    ...at,
    git,
    prefix,
    registryAddress,
    busybox: lab.images.busybox,
    activities: createImageActivities(at.deps),
    workshop: openWorkshop(at.deps),
    remove: async () => {
      const engine = createEngine(engineAddress(lab.engine.dockerHost, {}), {})
      const images = await engine.listImages()
      const ours = images.flatMap((image) => image.RepoTags ?? []).filter((name) => name.includes(`/${prefix}/`))
      for (const name of ours)
        await engine
          .getImage(name)
          .remove({ force: true })
          .catch(() => {})
      await Promise.all([git.remove(), at.remove()])
    },
  }
}
