import { quoted } from '../../domain/parsed.ts'
import { permanent } from '../failure.ts'

/** A name that is a file's and an image tag's at once, and no digest. */
export function checkedName(name: string): string {
  if (/^[a-z][a-z0-9._-]{0,127}$/.test(name) && !/^[0-9a-f]{64}$/.test(name)) return name
  throw permanent('InvalidConfiguration', `expected a name for stored content such as evidence-website-1.0.0, found ${quoted(name)}.`)
}
