import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTeam, git, gitWithInput, median, type Team } from './support.ts'

let team: Team
beforeEach(() => {
  team = createTeam()
})
afterEach(() => {
  team.mirror.close()
  team.end()
})

/** Printed, and held to bounds that only a mistake exceeds: the machine has other things to do. */
test('how long a look, an ensure, a read and a checkout take', async () => {
  const { signal } = team.attempt
  const files = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`src/folder${n % 10}/file${n}.txt`, `${n}\n`.repeat(50)]))
  let revision = team.push('develop', files)
  let { cursor } = await team.look()
  const push = () => (revision = team.push('develop', { changed: String(Math.random()) }))
  const look = async () => ({ cursor } = await team.look({ cursor }))
  const times: Record<string, number> = {}
  times['look, nothing changed'] = await median(15, look)
  times['look, one branch changed'] = await median(15, look, push)
  const features = Array.from({ length: 10 }, (_, n) => `feature/f${n}`)
  for (const feature of features) {
    git(team.clone, 'checkout', '-q', '-b', feature, 'develop')
    team.push(feature, { [feature]: '1' })
  }
  const lookAtFeatures = async () => ({ cursor } = await team.look({ cursor, features }))
  times['look, one branch changed, ten open features'] = await median(9, lookAtFeatures, push)
  times['ensure, here'] = await median(15, () => team.mirror.ensure(revision, signal))
  times['ensure, fetched'] = await median(9, () => team.mirror.ensure(revision, signal), push)
  times['read a file'] = await median(15, () => team.mirror.readFile(revision, 'src/folder1/file1.txt', signal))
  times['checkout of 200 files'] = await median(9, async () => (await team.mirror.checkout(revision, signal)).release())
  const names = Array.from({ length: 5000 }, (_, n) => `refs/tags/v0.${n}.0`)
  gitWithInput(team.remote, names.map((name) => `create ${name} ${revision}\n`).join(''), 'update-ref', '--stdin')
  times['look, 5,000 new tags, the first page'] = await median(3, () => team.look({ cursor }))
  while ((await look(), (await team.look({ cursor })).more));
  times['look, 5,000 tags, nothing changed, loose at the remote'] = await median(5, look)
  git(team.remote, 'pack-refs', '--all')
  await look()
  times['look, 5,000 tags, nothing changed, packed at the remote'] = await median(9, look)
  times['look, 5,000 tags, one branch changed'] = await median(9, look, push)
  const oneTag = () => git(team.remote, 'update-ref', `refs/tags/v1.0.${Math.floor(Math.random() * 1e6)}`, revision)
  times['look, 5,000 tags, one tag more'] = await median(9, look, oneTag)
  const lines = Object.entries(times).map(([what, ms]) => `${ms.toFixed(1).padStart(8)} ms  ${what}`)
  process.stdout.write(`${lines.join('\n')}\n`)
  expect(times['look, one branch changed']).toBeLessThan(2000)
  expect(times['look, 5,000 tags, one branch changed']).toBeLessThan(3000)
}, 300_000)
