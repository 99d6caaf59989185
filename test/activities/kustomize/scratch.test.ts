import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { test } from 'vitest'
import { kustomizeBench, checkoutOf } from './bench.ts'
import { overlay, webDeployment, configMap } from './overlays.ts'
const med = (x: number[]) => x.toSorted((a, b) => a - b)[x.length >> 1]!.toFixed(0) + ' (' + Math.min(...x).toFixed(0) + '-' + Math.max(...x).toFixed(0) + ')'
test('measure', async () => {
  const bench = await kustomizeBench()
  try {
    const env = await bench.environment({})
    const other = await bench.environment({})
    const images = [await bench.images.image(`${bench.id}/website`, 'one'), await bench.images.image(`${bench.id}/website`, 'two')]
    const strategy = ''
    const files = (ns: string) => overlay(ns, { 'web.yaml': webDeployment(bench.id, 'website', { replicas: 2 }).replace('spec:\n  replicas', 'spec:\n  strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}\n  replicas'), 'cm.yaml': configMap('settings', { a: '1' }), 'svc.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: website}\nspec: {selector: {app: website}, ports: [{port: 8080}]}' })
    void strategy
    const r: number[] = [], a: number[] = [], v: number[] = [], k: number[] = [], kr: number[] = [], ka: number[] = []
    for (let i = 1; i <= 8; i++) {
      const website = images[i % 2]!
      let t = performance.now()
      const content = await env.render(files(env.namespace), { website })
      r.push(performance.now() - t)
      const input = env.input(content, { website }, i)
      t = performance.now(); await env.target.apply(input, env.attempt); a.push(performance.now() - t)
      t = performance.now()
      const ctl = bench.kubectl(['rollout', 'status', '-n', env.namespace, 'deployment/website']).then(() => performance.now() - t)
      await env.target.verify(input, env.attempt); v.push(performance.now() - t); k.push(await ctl); kr.push(0); ka.push(0)
    }
    console.log('ours: render', med(r), 'apply', med(a), 'verify', med(v), a.map(Math.round), v.map(Math.round))
    console.log('script: edit+build', med(k), 'apply', med(ka), 'rollout status', med(kr), kr.map(Math.round))
  } finally { await bench.remove() }
}, 200000)
