import { test } from 'vitest'
import { kustomizeBench } from './bench.ts'
import { overlay, webDeployment } from './overlays.ts'
test('scratch', async () => {
  const bench = await kustomizeBench()
  try {
    for (let i = 0; i < 3; i++) {
    const env = await bench.environment({})
    const website = await bench.images.image(`${bench.id}/website`, 'one')
    const files = overlay(env.namespace, { 'web.yaml': webDeployment(bench.id, 'website', { command: 'echo starting; exit 3', probe: null }) })
    const content = await env.render(files, { website })
    const input = env.input(content, { website }, 1)
    await env.target.apply(input, env.attempt)
    const t = performance.now()
    const attempt = { ...env.attempt, heartbeat: ({ line }: { line: string }) => console.log(Math.round(performance.now() - t), line) }
    let on = true
    void (async () => { let last = ''; while (on) { const s = (await bench.kubectl(['-n', env.namespace, 'get', 'pods', '-o', 'jsonpath={.items[*].status.containerStatuses[*].state}{.items[*].status.containerStatuses[*].restartCount}'])); if (s !== last) console.log(Math.round(performance.now() - t), 'POD', s); last = s; await new Promise((r) => setTimeout(r, 300)) } })()
    await env.target.verify(input, attempt).catch((e) => console.log(performance.now() - t, e.message))
    on = false
    }
  } finally { await bench.remove() }
}, 100000)
