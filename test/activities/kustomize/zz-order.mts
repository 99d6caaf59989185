import { kustomizeBench } from '/work/main/test/activities/kustomize/bench.ts'
import { setTimeout as sleep } from 'node:timers/promises'
const bench = await kustomizeBench()
try {
  const one = await bench.images.image(`${bench.id}/website`, `${bench.id} one`)
  const env = await bench.environment()
  const pods = Array.from({length: 12}, (_, i) => JSON.stringify({apiVersion:'v1',kind:'Pod',metadata:{name:`p${i}`},spec:{restartPolicy:'Never',automountServiceAccountToken:false,containers:[{name:'main',image:`${bench.registry}/${bench.id}/website@${one}`,command:['sh','-c','echo starting; echo "no database" >&2; exit 3']}]}})).join('\n---\n')
  await bench.kubectl(['-n', env.namespace, 'apply', '-f', '-'], pods)
  await sleep(12000)
  for (let i=0;i<12;i++) console.log(i, JSON.stringify(await bench.kubectl(['-n', env.namespace, 'logs', '--timestamps', `p${i}`]).catch(e => e.message)))
} finally { await bench.remove() }
