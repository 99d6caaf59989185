import { shortDigest } from '../../domain/digest.ts'
import type { ComposeContent } from './content.ts'

/** v1: `Recreating site_api_1 ... done`, `site_api_1 is up-to-date`; v2: ` Container site-api-1  Recreated`. */
const V1_DONE = /^(Creating|Recreating|Starting) (\S+) +\.\.\. .*done/
const V1_SAME = /^(\S+) is up-to-date/
const V2_DONE = /^ *(Container|Network|Volume) "?([^\s"]+)"? +(Created|Recreated|Started|Running)\s*$/

/** One line a container for the audit, from what compose printed, then the images by digest. At most 50. */
export function changesOf(output: string, content: ComposeContent): readonly string[] {
  const changes = new Map<string, string>()
  for (const line of output.replaceAll('\r', '\n').split('\n')) {
    const [name, what] = changeOf(line) ?? []
    // v2 says Recreated and then Started of the same container.
    if (name && what && !(what === 'started' && changes.has(name))) changes.set(name, what)
  }
  const images = Object.values(content.images).map(({ repository, tag, digest }) => `image ${repository}:${tag} ${shortDigest(digest)}`)
  const cleared = output.split('\n').flatMap((line) => /^slipway: (?:cleared|removed) .*/.exec(line)?.[0].slice('slipway: '.length) ?? [])
  return [...[...changes].map(([name, what]) => `container ${name} ${what}`), ...cleared, ...images].slice(0, 50)
}

function changeOf(line: string): [string, string] | null {
  const done = V1_DONE.exec(line)
  if (done) return [done[2]!, { Creating: 'created', Recreating: 'recreated', Starting: 'started' }[done[1]!]!]
  const same = V1_SAME.exec(line)
  if (same) return [same[1]!, 'up-to-date']
  const v2 = V2_DONE.exec(line)
  if (v2 && v2[1] === 'Container') return [v2[2]!, v2[3] === 'Running' ? 'up-to-date' : v2[3]!.toLowerCase()]
  return null
}
