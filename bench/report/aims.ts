import type { DeliveryResult, Results } from '../results.ts'

/** What was to be reached, what was measured, and whether it is enough. */
export type Aim = { readonly what: string; readonly aim: string; readonly measured: string; readonly met: boolean }

const OVER_THE_SCRIPT_MS = 300
const PROMOTION_MS = 300
const STATUS_MS = 450
const IDLE_MIB = (250 * 1e6) / 2 ** 20
const STEP_MS = 15

/** Judged by medians; memory by RSS, in MB of a million bytes. */
export function aimsOf({ delivery, tag, status, memory, steps }: Results): Aim[] {
  return [
    ...(delivery ?? []).filter(({ way }) => way === 'Slipway').flatMap((slipway) => deliveryAim(slipway, delivery ?? [])),
    ...(tag === null ? [] : [aim('promotion of three services', tag.promoted.median, PROMOTION_MS, 'ms')]),
    ...(status === null
      ? []
      : [
          aim('cold `slipway status`, a new process', status.warm.median, STATUS_MS, 'ms'),
          aim('cold `slipway status`, the very first on a machine', status.first.median, STATUS_MS, 'ms'),
        ]),
    ...(memory === null ? [] : [{ ...aim('idle worker', mega(memory.idle.rssMiB), 250, 'MB'), met: memory.idle.rssMiB < IDLE_MIB }]),
    ...(steps === null ? [] : [aim('a Temporal step', steps.perStep.median, STEP_MS, 'ms')]),
  ]
}

function deliveryAim({ target, services, served }: DeliveryResult, all: readonly DeliveryResult[]): Aim[] {
  const script = all.find((other) => other.way === 'by hand' && other.target === target && other.services === services)
  if (script === undefined) return []
  const over = Math.round(served.median - script.served.median)
  const allowed = services === 1 ? OVER_THE_SCRIPT_MS : 0
  const said = services === 1 ? `at most ${OVER_THE_SCRIPT_MS} ms over the script` : 'under the script'
  const what = `push → served, ${services === 1 ? 'one service' : `${services} services`}, ${target}`
  return [
    {
      what,
      aim: said,
      measured: over < 0 ? `${-over} ms under` : `${over} ms over`,
      met: services === 1 ? over <= allowed : over < allowed,
    },
  ]
}

function aim(what: string, value: number, most: number, unit: 'ms' | 'MB'): Aim {
  const shown = value < 100 ? value.toFixed(1) : String(Math.round(value))
  return {
    what,
    aim: unit === 'ms' && most === STEP_MS ? `at most ${most} ms` : `under ${most} ${unit}`,
    measured: `${shown} ${unit}`,
    met: most === STEP_MS ? value <= most : value < most,
  }
}

export function mega(mebibytes: number): number {
  return (mebibytes * 2 ** 20) / 1e6
}
