import { developIsServed, featureIsMerged } from './acts/develop.ts'
import { releaseIsFinished } from './acts/finish.ts'
import { hotfixIsReleased } from './acts/hotfix.ts'
import { conflictIsSolved } from './acts/merge-back.ts'
import { nextSprintGoesOn } from './acts/next-sprint.ts'
import { productionIsApproved } from './acts/production.ts'
import { productionGoesBack } from './acts/rollback.ts'
import { badReleaseIsLive } from './acts/second-release.ts'
import { releaseIsStabilised } from './acts/stabilise.ts'
import type { Stage } from './stage.ts'

/** The life of two releases, act by act: every line is a command as a person would type it in the sample's folder. */
export async function tellStory(stage: Stage): Promise<void> {
  await developIsServed(stage)
  await featureIsMerged(stage)
  await releaseIsStabilised(stage)
  await productionIsApproved(stage)
  await releaseIsFinished(stage)
  await badReleaseIsLive(stage)
  await productionGoesBack(stage)
  await hotfixIsReleased(stage)
  await conflictIsSolved(stage)
  await nextSprintGoesOn(stage)
}
