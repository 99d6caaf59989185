import { test } from 'vitest'
import { World } from '../fakes/world.ts'
import { openStage } from './harness.ts'
test('x', async () => {
  const world = new World('r'); world.push('develop', 'A')
  let t = Date.now(); const stage = await openStage(world); console.log('open', Date.now() - t)
  await stage.begin(); await stage.repository()
  for (let i = 0; i < 3; i++) { t = Date.now(); await stage.restartWorkers(); console.log('restart', Date.now() - t); t = Date.now(); await stage.repository(); console.log('query', Date.now() - t) }
  t = Date.now(); await stage.close(); console.log('close', Date.now() - t)
})
