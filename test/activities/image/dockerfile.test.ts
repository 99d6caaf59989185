import { expect, test } from 'vitest'
import { baseImages } from '../../../activities/image/dockerfile.ts'

test.each<[string, string, string[] | null]>([
  ['one stage', 'FROM busybox:1.36\nRUN true', ['busybox:1.36']],
  ['lower case, comments, blank lines', '# a comment\n\nfrom busybox # not a comment', ['busybox']],
  ['scratch', 'FROM scratch', []],
  ['stages', 'FROM golang:1 AS Build\nFROM build AS test\nFROM scratch\nCOPY --from=build /a /a', ['golang:1']],
  ['a copied image', 'FROM a\nCOPY --chown=1:1 --from=nginx:1 /x /x\nCOPY --from=0 /y /y', ['a', 'nginx:1']],
  ['a platform', 'FROM --platform=linux/amd64 a:1 AS x', ['a:1']],
  ['an argument by default', 'ARG BASE=a:1\nFROM $BASE', ['a:1']],
  ['an argument of another', 'ARG V=3\nARG BASE="a:${V}"\nFROM ${BASE}', ['a:3']],
  ['several in one line', 'ARG A=x B=y\nFROM $A/$B', ['x/y']],
  ['a default in place', 'ARG V\nFROM a:${V:-9}', ['a:9']],
  ['an alternative in place', 'ARG V=1\nFROM a${V:+-slim}', ['a-slim']],
  ['an argument of a stage does not count', 'FROM a\nARG B=x\nFROM b${B}', ['a', 'b']],
  ['continued', 'FROM \\\n  # in between\n  a:1 \\\n  AS x\nRUN a \\\n FROM b', ['a:1']],
  ['another escape', '# escape=`\nFROM `\n a:1', ['a:1']],
  ['a directive that comes too late', '# hello\n# escape=`\nFROM a\nRUN x `\nFROM b', ['a', 'b']],
  ['by digest', `FROM a@sha256:${'1'.repeat(64)}`, [`a@sha256:${'1'.repeat(64)}`]],
  ['CRLF and a byte order mark', '\uFEFFFROM a\r\nFROM b\r\n', ['a', 'b']],
  ['no Dockerfile', '../other/Dockerfile', null],
  ['empty', '', null],
])('%s', (_, text, expected) => {
  expect(baseImages(text, {}, null)).toEqual(expected)
})

test('a build argument wins over a default, where the Dockerfile declares it', () => {
  expect(baseImages('ARG BASE=a\nFROM $BASE', { BASE: 'b', OTHER: 'c' }, null)).toEqual(['b'])
  expect(baseImages('ARG BASE\nFROM ${BASE}', { BASE: 'b' }, null)).toEqual(['b'])
  expect(baseImages('FROM x$BASE', { BASE: 'b' }, null)).toEqual(['x'])
})

test('what comes after the target is not needed', () => {
  const text = 'FROM a AS One\nFROM b AS two\nFROM c'
  expect(baseImages(text, {}, 'one')).toEqual(['a'])
  expect(baseImages(text, {}, '1')).toEqual(['a', 'b'])
  expect(baseImages(text, {}, null)).toEqual(['a', 'b', 'c'])
})
