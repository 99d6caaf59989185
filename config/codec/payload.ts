/** Temporal's payload, as far as a codec needs it. */
export type Payload = {
  metadata?: Record<string, Uint8Array> | null
  data?: Uint8Array | null
}

/** As the protobuf message temporal.api.common.v1.Payload: map<string, bytes> metadata = 1; bytes data = 2. */
export function packPayload({ metadata, data }: Payload): Buffer {
  const entries = Object.entries(metadata ?? {}).map(([name, value]) =>
    field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, value)])),
  )
  return Buffer.concat([...entries, ...(data == null ? [] : [field(2, data)])])
}

/** @throws RangeError for what is no such message */
export function unpackPayload(bytes: Buffer): Payload {
  const metadata: Record<string, Uint8Array> = {}
  let data: Uint8Array | null = null
  for (const { number, value } of fields(bytes)) {
    if (number === 2) data = value
    if (number !== 1) continue
    const entry = new Map(fields(value).map((each) => [each.number, each.value]))
    metadata[entry.get(1)?.toString('utf8') ?? ''] = entry.get(2) ?? Buffer.alloc(0)
  }
  return { metadata, data }
}

/** Of wire type 2: a tag, a length, and so many bytes. */
function field(number: number, value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(value.length), value])
}

function fields(bytes: Buffer): { readonly number: number; readonly value: Buffer }[] {
  const found = []
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at] ?? 0
    if ((tag & 7) !== 2) throw new RangeError(`expected a field of bytes, found the tag ${tag}`)
    let [length, shift] = [0, 0]
    for (at++; ; at++, shift += 7) {
      const byte = bytes[at] ?? 0
      length += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) break
    }
    at++
    if (at + length > bytes.length) throw new RangeError('expected more bytes')
    found.push({ number: tag >> 3, value: bytes.subarray(at, at + length) })
    at += length
  }
  return found
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let left = value
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80)
  return Buffer.from([...bytes, left])
}
