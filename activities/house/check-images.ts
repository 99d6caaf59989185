import type { Finding } from '../contract.ts'
import type { Estate } from '../context.ts'
import { finding } from './finding.ts'

/** Where several projects share a registry, each says what is its own: without, one may write another's tags. */
export async function checkImages({ file }: Estate, project: string): Promise<Finding[]> {
  const others = Object.entries(file.projects).filter(([name]) => name !== project)
  if (others.length === 0) return []
  const own = file.projects[project]?.images
  const fix = `name the image repositories of ${project} by projects.${project}.images in estate.yaml`
  return [
    await finding(`images of ${project}`, fix, async () => {
      if (own !== undefined) return `nobody else may write ${own.join(', ')}`
      const open = others.filter(([, { images }]) => images === undefined).map(([name]) => name)
      const theirs = open.length === 0 ? '' : `, and may write what ${open.join(', ')} ${open.length === 1 ? 'uses' : 'use'}`
      throw new Error(`none are named: it may write any repository that no other project names${theirs}`)
    }),
  ]
}
