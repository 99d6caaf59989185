import { parseRefName } from '../../domain/ref-name.ts'
import { tagRef } from '../../domain/ref-rules.ts'
import type { Revision } from '../../domain/revision.ts'
import { SLIPWAY_EMAIL } from './authorship.ts'
import { addressesAfter } from './commands.ts'
import { heldAt } from './held-refs.ts'
import { listRemote } from './list-refs.ts'
import type { GitMirror } from './open-mirror.ts'

/** More commits than this between two releases are not looked through: the newest are. */
const MOST_COMMITS = 5000
const LARGEST_TAG = 64 * 1024

/** The addresses of who wrote what `to` has and `from` has not, co-authors too, each once, the newest first. */
export async function authorsAfter(from: Revision | null, to: Revision, mirror: GitMirror, signal: AbortSignal): Promise<string[]> {
  await mirror.ensure(to, signal)
  if (from !== null) await mirror.ensure(from, signal)
  const log = await mirror.git(addressesAfter(mirror.paths.mirror, from, to, MOST_COMMITS), 'read who wrote it', signal)
  return [
    ...new Set(
      log.stdout
        .toString('utf8')
        .split(/[\0\n]/)
        .flatMap(addressOf),
    ),
  ]
}

/**
 * Who made a release tag: the address of its tagger, or whom Slipway made it for. Git writes down what the tagger says of
 * themselves. Null for a tag without a tagger, and for what is no tag of this revision.
 */
export async function taggerOf(tag: string, revision: Revision, mirror: GitMirror, signal: AbortSignal): Promise<string | null> {
  if (!parseRefName(tag).ok) return null
  const listed = (await listRemote(mirror, signal)).get(tagRef(tag))
  if (listed === undefined || listed.commit !== revision || listed.object === listed.commit) return null
  const fetched = await mirror.fetch([{ object: listed.object, ref: heldAt(tagRef(tag)) }], signal)
  const info = fetched === 'here' ? await mirror.objects.info(listed.object, signal) : null
  if (info === null || info.type !== 'tag' || info.bytes > LARGEST_TAG) return null
  const object = await mirror.objects.contents(listed.object, signal)
  return object === null ? null : taggerIn(object.content.toString('utf8'))
}

/** @param text a tag as git stores it: lines of a header, an empty one, and the message */
export function taggerIn(text: string): string | null {
  const end = text.indexOf('\n\n')
  const header = end === -1 ? text : text.slice(0, end)
  const address = /^tagger [^\n]*<([^<>\n]*)> \d+ [+-]\d{4}$/m.exec(header)?.[1]?.trim().toLowerCase()
  if (address === undefined || address === '') return null
  if (address !== SLIPWAY_EMAIL) return address
  return /\nRequested by (.{1,200}?)(?: \(unverified\))? through Slipway\.\s*$/.exec(text)?.[1] ?? null
}

/** `dev@example.org`, or `Dev <dev@example.org>`. */
function addressOf(text: string): string[] {
  const address = (/<([^<>]*)>\s*$/.exec(text)?.[1] ?? text).trim().toLowerCase()
  return /^[^\s<>]{1,200}$/.test(address) && address.includes('@') ? [address] : []
}
