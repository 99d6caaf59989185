import type { Conditions, Measured } from '../results.ts'

export const SPREAD = ['min', 'q1', 'median', 'q3', 'max'] as const

/** What stands above all tables of a run. */
export function conditions({ machine, begun, seconds, load, rounds }: Conditions): string {
  const versions = Object.entries(machine.versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')
  return `Measured on ${begun.slice(0, 10)}, ${rounds} rounds in ${Math.round(seconds / 60)} min, on ${machine.cores} cores of “${machine.processor}” with ${machine.memoryGiB} GiB, Linux ${machine.kernel}; ${versions}. The machine's load was ${load.before} when it began and ${load.after} when it ended.`
}

/** The five numbers, as the columns of `SPREAD` have them. */
export function spread(measured: Measured): string[] {
  return SPREAD.map((name) => (measured[name] < 100 ? measured[name].toFixed(1) : String(Math.round(measured[name]))))
}

export function section(title: string, body: string): string {
  return `### ${title}\n\n${body}`
}
