import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Choices } from '../../choices.ts'
import type { Layout } from '../../layout.ts'
import { run } from '../../machine/run.ts'
import { accountOf, giveToUser, homeFolder } from '../account.ts'

export function kubeconfigOf(layout: Layout, { kubernetes: chosen }: Choices): string {
  return chosen.kind === 'own' ? join(layout.state, 'kubernetes', 'kubeconfig') : chosen.kubeconfig
}

/** Into the ssh user's home, where the placed script's kubectl looks for it. */
export async function placeKubeconfig(layout: Layout, choices: Choices): Promise<void> {
  const folder = join(homeFolder(layout), '.kube')
  const file = join(folder, 'config')
  await mkdir(folder, { recursive: true })
  await copyFile(kubeconfigOf(layout, choices), file)
  await giveToUser(layout, file)
  const { uid, gid } = await accountOf(layout)
  await run(['chown', `${uid}:${gid}`, folder])
}

export function renderKubeconfig(server: string, certificate: string, token: string): string {
  return `apiVersion: v1
kind: Config
clusters:
  - name: slipway-lab
    cluster: {server: "${server}", certificate-authority-data: ${Buffer.from(certificate).toString('base64')}}
users:
  - name: admin
    user: {token: ${token}}
contexts:
  - name: slipway-lab
    context: {cluster: slipway-lab, user: admin}
current-context: slipway-lab
`
}
