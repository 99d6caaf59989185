import { shortDigest } from '../../domain/digest.ts'
import type { DeployRequest, EnvironmentState, Preparation } from '../../domain/environment/state.ts'
import { shortSha } from '../../domain/revision.ts'
import { span, table, type Line } from './span.ts'

/** What somebody is about to approve or reject: what would run, in place of what, and the hash of it all. */
export function approvalLines(state: EnvironmentState, request: DeployRequest, preparation: Preparation): Line[] {
  const { snapshot, requestHash } = preparation
  const { current } = state
  const before = new Map(current?.snapshot.candidate.images.map((image) => [image.service, image.digest]))
  return [
    [span(request.id, 'bold'), span(` for ${state.name}: ${snapshot.tag} at ${shortSha(snapshot.candidate.revision)}`)],
    ...table(
      snapshot.candidate.images.map((image) => {
        const old = before.get(image.service)
        const change = old === undefined ? 'new' : old === image.digest ? 'as it runs now' : `in place of ${shortDigest(old)}`
        return [span(image.service), span(shortDigest(image.digest)), span(change, 'dim')]
      }),
    ),
    [
      span(
        current === null
          ? '  it is the first deployment: there is nothing to go back to'
          : `  it replaces ${current.tag} (epoch ${current.epoch}, ${shortSha(current.snapshot.candidate.revision)})`,
      ),
    ],
    [span('  hash '), span(requestHash)],
  ]
}
