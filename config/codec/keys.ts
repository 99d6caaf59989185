import { quoted, type Parsed } from '../../domain/parsed.ts'
import { resolveSecret, type SecretSources } from '../secrets.ts'

/** A key of 32 bytes, and the name by which a payload says that it was encrypted with it. */
export type CodecKey = { readonly id: string; readonly key: Buffer }

/** Names a file that holds the keys, or holds them itself; with neither, the codec is off. */
export const KEYS_FILE = 'SLIPWAY_CODEC_KEYS_FILE'
export const KEYS = 'SLIPWAY_CODEC_KEYS'

const MOST_KEYS = 50

/** The keys that the environment names, the first of which encrypts; none where the codec is off. A problem names no key. */
export async function readCodecKeys(sources: SecretSources): Promise<Parsed<readonly CodecKey[]>> {
  const file = sources.env[KEYS_FILE] ?? ''
  const isSet = (sources.env[KEYS] ?? '') !== ''
  if (file === '' && !isSet) return { ok: true, value: [] }
  if (file !== '' && isSet) return { ok: false, problem: `expected either ${KEYS_FILE} or ${KEYS}, found both` }
  const text = await resolveSecret(file === '' ? { env: KEYS } : { file }, sources)
  return text.ok ? parseCodecKeys(text.value) : { ok: false, problem: `the keys of the payload codec: ${text.problem}` }
}

/** `ID:BASE64` on a line each, or parted by commas; what begins with "#" is a comment. */
export function parseCodecKeys(text: string): Parsed<readonly CodecKey[]> {
  const entries = text.split(/[\n,]/).map((line) => line.trim())
  const keys: CodecKey[] = []
  for (const entry of entries.filter((each) => each !== '' && !each.startsWith('#'))) {
    const [, id, base64] = /^([A-Za-z0-9][A-Za-z0-9._-]{0,39}):([A-Za-z0-9+/]{43}=)$/.exec(entry) ?? []
    // What stands there may be a key: it is not shown.
    if (id === undefined || base64 === undefined) return problem(`found something else as the ${keys.length + 1}. of them`)
    if (keys.some((key) => key.id === id)) return problem(`found ${quoted(id)} twice`)
    keys.push({ id, key: Buffer.from(base64, 'base64') })
  }
  if (keys.length === 0 || keys.length > MOST_KEYS) return problem(`found ${keys.length}`)
  return { ok: true, value: keys }
}

function problem(found: string): { readonly ok: false; readonly problem: string } {
  const expected = 'a line ID:KEY for each, KEY being 32 bytes in base64 (openssl rand -base64 32), the first of which encrypts'
  return { ok: false, problem: `the keys of the payload codec: expected ${expected}, ${found}` }
}
