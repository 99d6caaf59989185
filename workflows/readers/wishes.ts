import { cut } from '../../domain/cut.ts'
import type { DeployRequest } from '../../domain/environment/state.ts'
import type { Following } from '../../domain/environment/reservation.ts'
import type { Withdraw } from '../../domain/environment/withdraw.ts'
import { candidate, imageTag, name, shortName, version } from './parts.ts'
import { flag, moment, nullable, object, oneOf, record, text, type Reader } from './shape.ts'

/** What repository and sprints want of an environment. */

/** Whoever deploys by automation: nobody else's name may stand in a record without a word of theirs. */
const SENDER = /^(develop|sprint \d+\.\d+\.\d+|a Signal that names [^]*)$/

/**
 * A wish to deploy, and nothing that is not one: who sends a Signal is a machine, whatever name it gives, and a way back is
 * only what the environment itself makes of a person's word.
 */
export const deployRequest: Reader<DeployRequest> = object<Omit<DeployRequest, 'rollback'>>({
  id: name,
  candidate,
  tag: imageTag,
  version: nullable(version),
  by: (given, path) => {
    const sender = shortName(record(given, path)['name'], `${path}.name`)
    return { kind: 'automation', name: SENDER.test(sender) ? sender : cut(`a Signal that names ${sender}`, 100) }
  },
  at: moment,
  rewritten: flag,
})

export const withdraw: Reader<Withdraw> = object<Withdraw>({ version, tag: imageTag, reason: text, mayReturn: flag })

export const following: Reader<Following> = object<Following>({
  version,
  claim: nullable(oneOf('hotfix', 'release')),
  open: flag,
  at: moment,
})
