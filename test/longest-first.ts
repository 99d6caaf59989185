import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** So that none of them is left alone at the end, with one core idle beside it. */
const LONGEST = [
  'e2e/kill-life',
  'e2e/demo',
  'e2e/life',
  'e2e/',
  'workflows/lasting',
  'activities/deploy/survey',
  'activities/compose/target',
  'workflows/',
  'upgrade/',
]

/** What takes minutes begins first, whatever was measured on this machine before. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const first = LONGEST.findIndex((each) => moduleId.includes(`/test/${each}`))
      return first < 0 ? LONGEST.length : first
    }
    const asUsual = await super.sort(files) // oxlint-disable-line unicorn/no-array-sort
    return asUsual.toSorted((a, b) => rank(a) - rank(b))
  }
}
