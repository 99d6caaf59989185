import { transient } from '../failure.ts'
import type { Ask } from './ask.ts'

const PAGE = 1000
const MOST_PAGE_BYTES = 4 * 1024 * 1024

export type TagListing = { readonly repository: string; readonly first: URL; readonly signal: AbortSignal }

/** Follows the `Link` of the distribution specification to the end. Pages of another server, or over and over, are not read. */
export async function* listTags(ask: Ask, { repository, first, signal }: TagListing): AsyncGenerator<readonly string[]> {
  const what = `list the tags of ${repository}`
  const seen = new Set<string>()
  let url: URL | null = new URL(first)
  url.searchParams.set('n', String(PAGE))
  while (url !== null) {
    seen.add(url.href)
    const question = { method: 'GET', url, repository, actions: 'pull', what, signal, limitBytes: MOST_PAGE_BYTES, expect: [200] } as const
    const { status, headers, body } = await ask(question)
    if (status === 404) return
    const { tags } = JSON.parse(body.toString('utf8')) as { tags?: unknown }
    yield Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string') : []
    url = nextPage(headers.get('link'), first)
    if (url !== null && (url.origin !== first.origin || seen.has(url.href)))
      throw transient(`the registry ${first.host} sends to ${url.origin}${url.pathname} for more, asked to ${what}; it is not followed`)
  }
}

/** `</v2/name/tags/list?last=…&n=…>; rel="next"` */
function nextPage(link: string | null, base: URL): URL | null {
  const target = /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec(link ?? '')?.[1]
  return target !== undefined && URL.canParse(target, base.href) ? new URL(target, base) : null
}
