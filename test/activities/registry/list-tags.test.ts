import { expect, test } from 'vitest'
import type { Ask } from '../../../activities/registry/ask.ts'
import { listTags } from '../../../activities/registry/list-tags.ts'

const first = new URL('https://registry.example/v2/slipway/store/tags/list')
const signal = new AbortController().signal

/** A registry that answers these addresses with these tags and this link. */
const registry =
  (pages: Readonly<Record<string, { tags: unknown; link?: string }>>): Ask =>
  async ({ url }) => {
    const page = pages[`${url.pathname}${url.search}`]
    if (page === undefined) return { status: 404, headers: new Headers(), body: Buffer.from('{}') }
    const headers = new Headers(page.link === undefined ? {} : { link: page.link })
    return { status: 200, headers, body: Buffer.from(JSON.stringify({ tags: page.tags })) }
  }
const tags = async (ask: Ask) => await Array.fromAsync(listTags(ask, { repository: 'slipway/store', first, signal }))
const PATH = first.pathname

test('all pages are read, however the next one is named', async () => {
  const ask = registry({
    [`${PATH}?n=1000`]: { tags: ['a', 'b'], link: `<${PATH}?last=b&n=1000>; rel="next"` },
    [`${PATH}?last=b&n=1000`]: { tags: ['c'], link: `<https://registry.example${PATH}?next_page=x>; rel=next` },
    [`${PATH}?next_page=x`]: { tags: null },
  })
  expect(await tags(ask)).toEqual([['a', 'b'], ['c'], []])
  expect(await tags(registry({}))).toEqual([])
})

test.each([
  ['another server', `<https://elsewhere.example${PATH}?last=a>; rel="next"`],
  ['the same page', `<${PATH}?n=1000>; rel="next"`],
])('a link to %s is not followed', async (_, link) => {
  const ask = registry({ [`${PATH}?n=1000`]: { tags: ['a'], link } })
  await expect(tags(ask)).rejects.toMatchObject({ nonRetryable: false, message: expect.stringContaining('is not followed') })
})
