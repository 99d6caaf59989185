import type { EstateFile } from '../estate-schema.ts'
import type { SlipwayFile } from '../slipway-schema.ts'
import { distinctHooks } from './distinct-hooks.ts'
import { distinctImages } from './distinct-images.ts'
import { knownEnvironments } from './known-environments.ts'
import { knownPlaces } from './known-places.ts'
import { knownPeople } from './known-people.ts'
import type { Rule } from './rule.ts'
import { sensibleApproval } from './sensible-approval.ts'
import { sensibleFreeze } from './sensible-freeze.ts'
import { sensibleEnvironment } from './sensible-environment.ts'
import { sensibleRepository } from './sensible-repository.ts'
import { separateImages } from './separate-images.ts'
import { separateTargets } from './separate-targets.ts'

export const slipwayRules: readonly Rule<SlipwayFile>[] = [distinctImages, distinctHooks]
export const estateRules: readonly Rule<EstateFile>[] = [
  knownPlaces,
  knownEnvironments,
  separateTargets,
  separateImages,
  sensibleEnvironment,
  sensibleFreeze,
  sensibleRepository,
  knownPeople,
  sensibleApproval,
]
