import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parsePlace } from '../../gateway/listen.ts'
import { askOverTls, makeCertificate } from './certificate.ts'
import { openStand } from './stand.ts'

test('alive whatever Temporal does, ready while it answers; it is not asked at every question', async () => {
  let asked = 0
  let there = true
  const stand = await openStand({ answers: () => Promise.resolve((asked++, there)) })
  try {
    const status = async (path: string) => (await fetch(`${stand.url}${path}`)).status
    expect(await Promise.all(['/healthz', '/readyz', '/readyz', '/readyz'].map(status))).toEqual([200, 200, 200, 200])
    expect(asked).toBe(1)
    there = false
    await expect.poll(() => status('/readyz'), { timeout: 5000 }).toBe(503)
    expect(await status('/healthz')).toBe(200)
  } finally {
    await stand.close()
  }
})

test('with a certificate it speaks HTTPS, and nothing older than TLS 1.2', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-tls-'))
  const { key, cert } = await makeCertificate(folder)
  const stand = await openStand({ tls: { key, cert } })
  const ask = (maxVersion: 'TLSv1.1' | 'TLSv1.3') =>
    askOverTls(`${stand.url}/healthz`, cert, null, { minVersion: 'TLSv1', maxVersion, ciphers: 'ALL:@SECLEVEL=0' })
  try {
    expect(stand.url).toMatch(/^https:/)
    expect(await ask('TLSv1.3')).toBe(200)
    expect(await ask('TLSv1.1')).toMatch(/protocol|version/i)
  } finally {
    await stand.close()
    await rm(folder, { recursive: true })
  }
})

test('where to listen is an address and a port', () => {
  expect(parsePlace('0.0.0.0:8787')).toEqual({ address: '0.0.0.0', port: 8787 })
  expect(parsePlace('[::]:80')).toEqual({ address: '::', port: 80 })
  for (const wrong of ['8787', ':80', 'a:', 'a:99999', 'a b:1', '::1:80', '-a:1']) expect(parsePlace(wrong)).toBeNull()
})
