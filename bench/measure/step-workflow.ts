import { proxyActivities } from '@temporalio/workflow'

const { nothing } = proxyActivities<{ nothing: () => Promise<void> }>({ startToCloseTimeout: '10s' })

/** One activity after another, each begun when the one before has ended. */
export async function stepAfterStep(activities: number): Promise<void> {
  for (let step = 0; step < activities; step++) await nothing()
}
