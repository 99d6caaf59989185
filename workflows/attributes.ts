import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'

/** Search attributes: what an auditor filters the Temporal UI by. No personal data. */
export const PROJECT = defineSearchAttributeKey('SlipwayProject', SearchAttributeType.KEYWORD)
export const VERSION = defineSearchAttributeKey('SlipwayVersion', SearchAttributeType.KEYWORD)
export const ENVIRONMENT = defineSearchAttributeKey('SlipwayEnvironment', SearchAttributeType.KEYWORD)
export const PHASE = defineSearchAttributeKey('SlipwayPhase', SearchAttributeType.KEYWORD)
export const REVISION = defineSearchAttributeKey('SlipwayRevision', SearchAttributeType.KEYWORD)
/** The first twelve digits of the candidate's first image digest. */
export const CANDIDATE = defineSearchAttributeKey('SlipwayCandidate', SearchAttributeType.KEYWORD)

export const SEARCH_ATTRIBUTES = [PROJECT, VERSION, ENVIRONMENT, PHASE, REVISION, CANDIDATE]
