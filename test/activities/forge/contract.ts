import { expect, test } from 'vitest'
import type { Forge } from '../../../activities/forge/forge.ts'

/** One forge with a repository that has the branches `develop` and `master`, and what people do there. */
export type World = {
  forge: (given?: { token?: string; repository?: string }) => Forge
  /** A branch with a commit that develop and master have not. */
  push: (branch: string) => Promise<void>
  merge: (number: number) => Promise<void>
  close: (number: number) => Promise<void>
  /** How many are open from this branch. */
  openFrom: (branch: string) => Promise<number>
  /** Whether the target's history has the commit. */
  has: (target: string, commit: string) => Promise<boolean>
  /** A tag on develop's tip, and the text of its release page; null: it has none. */
  tag: (name: string) => Promise<void>
  releaseOf: (tag: string) => Promise<string | null>
  /** The page of a merge request as people see it. */
  page: (number: number) => string
}

export const signal = new AbortController().signal

const asked = (source: string, target = 'develop') => ({ source, target, title: `Merge ${source} into ${target}`, body: 'By Slipway.' })

/** What a merge-back relies on, the same for every forge. */
export function keepsTheContract(world: () => World): void {
  const open = (source: string, target?: string) => world().forge().openMergeRequest(asked(source, target), signal)
  const read = (number: number) => world().forge().readMergeRequest(number, signal)

  test('opened twice it is one', async () => {
    await world().push('merge-back/v1.0.0')
    const first = await open('merge-back/v1.0.0')
    expect(first.url).toBe(world().page(first.number))
    expect(await open('merge-back/v1.0.0')).toEqual(first)
    expect(await read(first.number)).toEqual({ state: 'open', mergedAs: null })
  })

  test('opened by several at once it is one', async () => {
    await world().push('merge-back/v1.0.1')
    const all = await Promise.all(Array.from({ length: 4 }, () => open('merge-back/v1.0.1')))
    expect(new Set(all.map(({ number }) => number)).size).toBe(1)
    expect(await world().openFrom('merge-back/v1.0.1')).toBe(1)
  })

  test('into another branch it is another one', async () => {
    await world().push('merge-back/v1.1.0')
    const [develop, master] = [await open('merge-back/v1.1.0'), await open('merge-back/v1.1.0', 'master')]
    expect(develop.number).not.toBe(master.number)
  })

  test('merged, it names a commit that the target has', async () => {
    await world().push('merge-back/v1.2.0')
    const { number } = await open('merge-back/v1.2.0', 'master')
    await world().merge(number)
    const { state, mergedAs } = await read(number)
    expect(state).toBe('merged')
    expect(mergedAs).toMatch(/^[0-9a-f]{40}$/)
    expect(await world().has('master', mergedAs ?? '')).toBe(true)
    expect(await world().has('develop', mergedAs ?? '')).toBe(false)
  })

  test('closed by hand it is closed, and the next one is new', async () => {
    await world().push('merge-back/v1.3.0')
    const first = await open('merge-back/v1.3.0')
    await world().close(first.number)
    expect(await read(first.number)).toEqual({ state: 'closed', mergedAs: null })
    const second = await open('merge-back/v1.3.0')
    expect(second.number).toBeGreaterThan(first.number)
    expect(await read(first.number)).toEqual({ state: 'closed', mergedAs: null })
  })

  test('a wrong token is refused, and not repeated', async () => {
    const wrong = '0123456789abcdef0123456789abcdef01234567'
    const refused = world().forge({ token: wrong }).openMergeRequest(asked('merge-back/v1.0.0'), signal)
    await expect(refused).rejects.toMatchObject({ type: 'Refused', nonRetryable: true })
    await expect(refused).rejects.not.toThrow(wrong)
    await expect(refused).rejects.toThrow(/does not know the token.* (scope|scopes) /)
  })

  test('a repository that is not there is not found', async () => {
    const elsewhere = world().forge({ repository: 'slipway/nowhere' })
    await expect(elsewhere.readMergeRequest(1, signal)).rejects.toMatchObject({ type: 'NotFound', nonRetryable: true })
    await expect(elsewhere.openMergeRequest(asked('merge-back/v1.0.0'), signal)).rejects.toMatchObject({ type: 'NotFound' })
    await expect(elsewhere.check('develop', signal)).rejects.toMatchObject({ type: 'NotFound' })
  })

  test('a number that was never given is not found', async () => {
    await expect(read(99_999)).rejects.toMatchObject({ type: 'NotFound', nonRetryable: true })
  })

  test('a branch that is not there is permanent', async () => {
    await expect(open('merge-back/never-pushed')).rejects.toMatchObject({ nonRetryable: true })
  })

  test.each(['$(touch x)', 'a b', '-x', '../../users', 'a?b=c', 'a#b', 'a:b', 'x'.repeat(300), ''])(
    'no branch is called %j',
    async (name) => {
      for (const input of [asked(name), asked('develop', name), { ...asked('x'), target: name }])
        await expect(world().forge().openMergeRequest(input, signal)).rejects.toMatchObject({ type: 'InvalidConfiguration' })
    },
  )

  test('texts of any length and kind are taken', async () => {
    await world().push('merge-back/v1.4.0')
    const input = {
      source: 'merge-back/v1.4.0',
      target: 'develop',
      title: `line\nbreak \u0000\u202e ${'ä'.repeat(999)}`,
      body: '😀'.repeat(99_999),
    }
    const opened = await world().forge().openMergeRequest(input, signal)
    expect((await read(opened.number)).state).toBe('open')
  })

  test('a release page is made once, however often it is asked for, and stays as it is', async () => {
    await world().tag('v1.5.0')
    expect(await world().releaseOf('v1.5.0')).toBeNull()
    const publish = (body: string) => world().forge().publishRelease({ tag: 'v1.5.0', body }, signal)
    const first = await publish('### Features\n\n- a cart')
    expect(first.created).toBe(true)
    expect(await publish('other words')).toEqual({ ...first, created: false })
    expect(await world().releaseOf('v1.5.0')).toBe('### Features\n\n- a cart')
    await expect(world().forge().publishRelease({ tag: '../../users', body: '' }, signal)).rejects.toMatchObject({
      type: 'InvalidConfiguration',
    })
  })

  test('the check says that the token will do', async () => {
    expect(await world().forge().check('develop', signal)).toMatch(/^answers, and the token /)
  })
}
