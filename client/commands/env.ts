import type { Context } from '../context.ts'
import { printJson, printLines } from '../io.ts'
import { composeEnvironment } from '../json/environment.ts'
import { environmentOf } from '../known-environment.ts'
import { environmentPictures, NOTHING_LIVE, type EnvironmentPicture } from '../picture.ts'
import type { Slipway } from '../typed/slipway.ts'
import { envLines } from '../view/env.ts'
import { environmentLines } from '../view/environments.ts'
import { columnsOf, look } from '../view/paint.ts'
import { printed, span } from '../view/span.ts'

export async function env(context: Context, input: { readonly name: string | undefined; readonly json?: true }): Promise<void> {
  const slipway = await context.open()
  const { io } = context
  if (input.name !== undefined) {
    const picture = await onePicture(slipway, input.name)
    if (input.json === true) printJson(io.out, composeEnvironment(picture, io.now()))
    else printLines(io.out, printed(envLines(picture, { now: io.now(), columns: columnsOf(io.out) }), look(io)))
    return
  }
  const pictures = await environmentPictures(slipway, await slipway.repository())
  if (input.json === true) printJson(io.out, { environments: pictures.map((picture) => composeEnvironment(picture, io.now())) })
  else if (pictures.length === 0) printLines(io.out, printed([[span(`no environment of ${slipway.project} is known yet`)]], look(io)))
  else printLines(io.out, printed(environmentLines(pictures, { live: NOTHING_LIVE, now: io.now(), spinner: '●' }), look(io)))
}

/** The repository knows what the estate says of it; an environment that is not there any more has only its own memory. */
async function onePicture(slipway: Slipway, name: string): Promise<EnvironmentPicture> {
  const [repository, asked] = await Promise.all([slipway.repository(), slipway.environment(name)])
  const settings = repository.settings?.environments.find((environment) => environment.name === name) ?? asked?.state.settings ?? null
  if (settings !== null) return { settings, view: asked }
  const view = await environmentOf(slipway, name)
  return { settings: view.state.settings ?? { name, from: 'develop', guarded: false, approvers: [], target: 'compose' }, view }
}
