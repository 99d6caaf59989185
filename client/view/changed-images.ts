import type { Candidate } from '../../domain/candidate.ts'
import { shortDigest } from '../../domain/digest.ts'
import { span, table, type Line } from './span.ts'

/** The digest that each service would run, and the one that it runs now. */
export function changedImageLines(from: Candidate | null, to: Candidate): Line[] {
  const before = new Map(from?.images.map((image) => [image.service, image.digest]))
  const gone = [...before].filter(([service]) => !to.images.some((image) => image.service === service))
  return table([
    ...to.images.map((image) => {
      const old = before.get(image.service)
      const change = old === undefined ? 'new' : old === image.digest ? 'as it runs now' : `in place of ${shortDigest(old)}`
      return [span(image.service), span(shortDigest(image.digest)), span(change, 'dim')]
    }),
    ...gone.map(([service, digest]) => [span(service), span('–'), span(`in place of ${shortDigest(digest)}`, 'dim')]),
  ])
}
