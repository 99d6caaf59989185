/** What `git push --porcelain` says of one ref: `*` new, `=` was there already, `!` rejected, and others. */
export type PushReport = { readonly flag: string; readonly reason: string }

export function parsePush(output: string, ref: string): PushReport | null {
  for (const line of output.split('\n')) {
    const [flag, names, ...summary] = line.split('\t')
    if (flag?.length === 1 && names?.endsWith(`:${ref}`)) return { flag, reason: summary.join(' ') }
  }
  return null
}
