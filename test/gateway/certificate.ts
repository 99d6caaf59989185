import { request, type RequestOptions } from 'node:https'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import type { Sent } from './signed.ts'

const MAKE = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost'

/** A certificate for `localhost` and its key, as cert.pem and key.pem of a folder. */
export async function makeCertificate(folder: string): Promise<{ readonly key: string; readonly cert: string }> {
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  await execa('openssl', [...MAKE.split(' '), '-keyout', keyFile, '-out', certFile])
  const [key, cert] = await Promise.all([readFile(keyFile, 'utf8'), readFile(certFile, 'utf8')])
  return { key, cert }
}

/** Asks a server that has to show this certificate. @returns its status, or why there is none */
export function askOverTls(url: string, cert: string, sent: Sent | null = null, options: RequestOptions = {}): Promise<number | string> {
  const { headers = {}, body } = sent ?? {}
  const method = sent === null ? 'GET' : 'POST'
  return new Promise((resolve) => {
    request(url, { method, headers, ca: cert, servername: 'localhost', ...options }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
      .on('error', (error) => resolve(error.message))
      .end(body)
  })
}
