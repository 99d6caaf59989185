import { quoted, type Parsed } from '../domain/parsed.ts'
import { isMemberPath, MOST_BYTES, MOST_MEMBERS, type Member } from './member.ts'

const BLOCK = 512
const END = Buffer.alloc(2 * BLOCK)
const NAME_BYTES = 100
const PREFIX_BYTES = 155

/** A POSIX ustar of plain files: the same members give the same bytes, on every machine and at every time. */
export function packTar(members: readonly Member[]): Buffer {
  return Buffer.concat([...members.flatMap(({ path, bytes }) => [header(path, bytes.length), bytes, padding(bytes.length)]), END])
}

/**
 * Reads what packTar writes, and nothing else: plain files under plain names, each once. Links, folders, devices, extended
 * headers, absolute paths and `..` are refused, and sizes are believed only as far as there are bytes.
 */
export function readTar(tar: Buffer): Parsed<readonly Member[]> {
  const refuse = (found: string) => ({ ok: false, problem: `expected a bundle as slipway evidence writes it, found ${found}` }) as const
  if (tar.length > MOST_BYTES) return refuse(`a file of ${tar.length} bytes; at most ${MOST_BYTES} are read`)
  const members: Member[] = []
  const seen = new Set<string>()
  let at = 0
  while (at + BLOCK <= tar.length) {
    const block = tar.subarray(at, at + BLOCK)
    if (isZero(block))
      return isZero(tar.subarray(at)) && tar.length - at >= END.length
        ? { ok: true, value: members }
        : refuse('bytes behind the end of the archive')
    const read = readHeader(block)
    if (typeof read === 'string') return refuse(read)
    const { path, size } = read
    if (seen.has(path)) return refuse(`${quoted(path)} twice`)
    if (members.length >= MOST_MEMBERS) return refuse(`more than ${MOST_MEMBERS} members`)
    const start = at + BLOCK
    if (start + size > tar.length) return refuse(`an end in the middle of ${quoted(path)}`)
    seen.add(path)
    members.push({ path, bytes: tar.subarray(start, start + size) })
    if (!isZero(tar.subarray(start + size, start + size + paddingBytes(size))))
      return refuse(`bytes between ${quoted(path)} and the next member`)
    at = start + size + paddingBytes(size)
  }
  return refuse('no end of an archive')
}

function header(path: string, size: number): Buffer {
  const { name, prefix } = split(path)
  const block = Buffer.alloc(BLOCK)
  block.write(name, 0, 'latin1')
  block.write('0000644\0', 100, 'latin1')
  block.write('0000000\0', 108, 'latin1')
  block.write('0000000\0', 116, 'latin1')
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
  // No time of its own: what was when stands in the members.
  block.write('00000000000\0', 136, 'latin1')
  block.write('0', 156, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  block.write(prefix, 345, 'latin1')
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

/** ustar keeps a long path in two fields, parted at a slash. */
function split(path: string): { readonly name: string; readonly prefix: string } {
  if (!isMemberPath(path)) throw new TypeError(`expected a plain relative path, found ${quoted(path)}`)
  if (path.length <= NAME_BYTES) return { name: path, prefix: '' }
  const slash = path.indexOf('/', path.length - NAME_BYTES - 1)
  if (slash < 0 || slash > PREFIX_BYTES) throw new TypeError(`expected a path that a tar can hold, found ${quoted(path)}`)
  return { name: path.slice(slash + 1), prefix: path.slice(0, slash) }
}

/** @returns what is wrong with it, in words */
function readHeader(block: Buffer): { readonly path: string; readonly size: number } | string {
  const prefix = text(block, 345, PREFIX_BYTES)
  const name = text(block, 0, NAME_BYTES)
  const path = prefix === '' ? name : `${prefix}/${name}`
  const size = text(block, 124, 12)
  if (text(block, 257, 6) !== 'ustar') return 'something that is no ustar archive'
  if (Number.parseInt(text(block, 148, 7), 8) !== checksum(block)) return 'a damaged header'
  if (block[156] !== 0x30) return `${quoted(path)}, which is no plain file`
  if (!isMemberPath(path)) return `the name ${quoted(path)}`
  if (!/^[0-7]{11}$/.test(size)) return `no size of ${quoted(path)}`
  return { path, size: Number.parseInt(size, 8) }
}

/** Over the header with its own field taken as spaces. */
function checksum(block: Buffer): number {
  return block.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0)
}

function text(block: Buffer, at: number, length: number): string {
  const field = block.subarray(at, at + length)
  const end = field.indexOf(0)
  return field.subarray(0, end < 0 ? length : end).toString('latin1')
}

function padding(size: number): Buffer {
  return Buffer.alloc(paddingBytes(size))
}

function paddingBytes(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0)
}
