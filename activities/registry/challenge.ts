/** What a registry says in `WWW-Authenticate` (RFC 9110, 11.6.1): how to log in. */
export type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service: string | null; readonly scope: string | null }

/** The challenge that Slipway can answer, Bearer before Basic; null when there is none. */
export function parseChallenge(header: string | null): Challenge | null {
  const challenges = splitChallenges(header ?? '')
  const bearer = challenges.find((each) => each.scheme === 'bearer' && each.parameters.has('realm'))
  if (bearer) {
    const { parameters } = bearer
    return {
      scheme: 'bearer',
      realm: parameters.get('realm') ?? '',
      service: parameters.get('service') ?? null,
      scope: parameters.get('scope') ?? null,
    }
  }
  return challenges.some((each) => each.scheme === 'basic') ? { scheme: 'basic' } : null
}

const PIECE = /\s*(?:,\s*)*([A-Za-z0-9!#$%&'*+.^_`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/gy

function splitChallenges(header: string): { scheme: string; parameters: Map<string, string> }[] {
  const found: { scheme: string; parameters: Map<string, string> }[] = []
  for (const [, word = '', inQuotes, plain] of header.slice(0, 8192).matchAll(PIECE)) {
    const value = inQuotes?.replace(/\\(.)/g, '$1') ?? plain
    // A word without a value begins the next challenge.
    if (value === undefined) found.push({ scheme: word.toLowerCase(), parameters: new Map() })
    else found.at(-1)?.parameters.set(word.toLowerCase(), value)
  }
  return found
}
