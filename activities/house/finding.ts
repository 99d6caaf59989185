import type { Finding } from '../contract.ts'

/** Runs one check; what it throws is what was found. */
export async function finding(part: string, fix: string, check: () => Promise<string>): Promise<Finding> {
  try {
    return { part, ok: true, detail: await check(), fix: null }
  } catch (error) {
    return { part, ok: false, detail: error instanceof Error ? error.message : String(error), fix }
  }
}
