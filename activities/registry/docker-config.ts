/** How to log in to one registry. An identity token stands for a user name and password where a helper gave one. */
export type Login =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | { readonly kind: 'identity'; readonly token: string }

/** Where a Docker config.json says that a registry's login is. */
export type LoginPlace =
  | { readonly kind: 'login'; readonly login: Login }
  | { readonly kind: 'helper'; readonly helper: string; readonly server: string }

type ConfigJson = {
  auths?: Record<string, { auth?: string; username?: string; password?: string; identitytoken?: string }>
  credHelpers?: Record<string, string>
  credsStore?: string
}

/**
 * Looks a registry up in a Docker config.json, as docker does: credHelpers, then credsStore, then auths.
 *
 * @throws TypeError when the text is no such file; its message holds nothing of the file
 */
export function findLogin(text: string, address: string): LoginPlace | null {
  const config = parseConfig(text)
  const server = keyFor(config.auths, address) ?? address
  const helperKey = keyFor(config.credHelpers, address)
  const helper = (helperKey && config.credHelpers?.[helperKey]) || config.credsStore
  if (helper) {
    if (!/^[A-Za-z0-9_.-]+$/.test(helper)) throw new TypeError('the name of its credential helper is none')
    return { kind: 'helper', helper, server: helperKey ?? server }
  }
  const entry = config.auths?.[server]
  if (!entry) return null
  if (entry.identitytoken) return { kind: 'login', login: { kind: 'identity', token: entry.identitytoken } }
  const [username, password] = entry.auth ? splitAuth(entry.auth) : [entry.username ?? '', entry.password ?? '']
  return username === '' ? null : { kind: 'login', login: { kind: 'password', username, password } }
}

function parseConfig(text: string): ConfigJson {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new TypeError('it is no JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('it is no JSON object')
  return value
}

/** Keys come as `host:port`, `https://host:port` or with a path behind, as in `https://index.docker.io/v1/`. */
function keyFor(table: Record<string, unknown> | undefined, address: string): string | null {
  const names = address === 'docker.io' ? ['docker.io', 'index.docker.io'] : [address]
  const hostOf = (key: string) =>
    key
      .replace(/^https?:\/\//, '')
      .split('/', 1)[0]
      ?.toLowerCase() ?? ''
  const keys = Object.keys(table ?? {})
  return keys.find((key) => key === address) ?? keys.find((key) => names.includes(hostOf(key))) ?? null
}

function splitAuth(auth: string): [string, string] {
  const text = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '')
  const colon = text.indexOf(':')
  if (colon < 1) throw new TypeError('the "auth" of its entry is no base64 of user:password')
  return [text.slice(0, colon), text.slice(colon + 1)]
}
