import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packTar, readTar } from '../../evidence/tar.ts'
import { member } from './made.ts'

const small = packTar([member('a', 'one')])

test('what is packed is read again, byte for byte, and always the same', () => {
  const path = fc.stringMatching(/^[A-Za-z0-9_]{1,20}(\/[A-Za-z0-9_]{1,60}){0,3}$/)
  const members = fc.uniqueArray(fc.record({ path, bytes: fc.uint8Array({ maxLength: 1500 }).map((bytes) => Buffer.from(bytes)) }), {
    selector: ({ path }) => path,
  })
  fc.assert(
    fc.property(members, (list) => {
      const tar = packTar(list)
      expect(packTar(list).equals(tar)).toBe(true)
      const read = readTar(tar)
      expect(read.ok && read.value.map(({ path, bytes }) => [path, bytes.toString('hex')])).toEqual(
        list.map(({ path, bytes }) => [path, bytes.toString('hex')]),
      )
    }),
  )
})

test('tar itself unpacks it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-tar-'))
  try {
    const long = `histories/${'x'.repeat(90)}/${'y'.repeat(60)}.json`
    await writeFile(join(folder, 'a.tar'), packTar([member('a/b.json', '{}'), member(long, 'far')]))
    await execa('tar', ['-xf', 'a.tar'], { cwd: folder })
    expect(await readFile(join(folder, 'a/b.json'), 'utf8')).toBe('{}')
    expect(await readFile(join(folder, long), 'utf8')).toBe('far')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

/** A header with one field changed, and its checksum made to fit. */
function forged(at: number, text: string): Buffer {
  const tar = Buffer.from(small)
  tar.write(text, at, 'latin1')
  tar.write('        ', 148, 'latin1')
  const sum = tar.subarray(0, 512).reduce((all, byte) => all + byte, 0)
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return tar
}

test.each([
  ['a path upwards', forged(0, '../../etc/passwd'), 'the name'],
  ['an absolute path', forged(0, '/etc/passwd'), 'the name'],
  ['an empty part', forged(0, 'a//b'), 'the name'],
  ['a name with an escape', forged(0, 'a\x1b[2J'), 'the name'],
  ['a symbolic link', forged(156, '2'), 'no plain file'],
  ['a hard link', forged(156, '1'), 'no plain file'],
  ['a folder', forged(156, '5'), 'no plain file'],
  ['an extended header', forged(156, 'x'), 'no plain file'],
  ['a size of which nothing is there', forged(124, '77777777777\0'), 'an end in the middle'],
  ['a size in binary', forged(124, '\x80\0\0\0'), 'no size'],
  ['a member twice', packTar([member('a', 'one'), member('a', 'two')]), 'twice'],
  ['a damaged header', Buffer.concat([small.subarray(0, 1), Buffer.from('x'), small.subarray(2)]), 'damaged'],
  ['bytes behind the end', Buffer.concat([small, Buffer.alloc(512, 1)]), 'behind the end'],
  ['an end that is missing', small.subarray(0, 1024), 'no end'],
  ['a compressed one', Buffer.from([0x1f, 0x8b, ...Array<number>(600).fill(0)]), 'no ustar'],
  ['nothing', Buffer.alloc(0), 'no end'],
])('refused: %s', (_name, tar, problem) => {
  expect(readTar(tar)).toMatchObject({ ok: false, problem: expect.stringContaining(problem) })
})
