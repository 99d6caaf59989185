import { join } from 'node:path'
import type { Layout } from '../../layout.ts'
import { unusedPlugins } from '../../machine/containerd.ts'
import { imageOf } from '../images.ts'
import type { Pki } from './certificate.ts'

/** Folders of the node. Those with sockets in them, or that the kubelet insists on, lie where paths are short. */
export function nodeFolders(layout: Layout) {
  const cluster = join(layout.state, 'kubernetes')
  return {
    cluster,
    containerdRoot: join(cluster, 'containerd'),
    containerdState: join(layout.sockets, 'node'),
    containerdSocket: join(layout.sockets, 'node-containerd.sock'),
    cniConfig: join(cluster, 'cni'),
    cniAddresses: join(cluster, 'cni-addresses'),
    kubelet: join(layout.shared, 'kubelet'),
    podLogs: join(layout.shared, 'pod-logs'),
  }
}

export function cniName(layout: Layout): string {
  return `slipway-lab-${layout.id}`
}

export function containerdConfig(layout: Layout): string {
  const folders = nodeFolders(layout)
  return `version = 2
root = ${quoted(folders.containerdRoot)}
state = ${quoted(folders.containerdState)}
disabled_plugins = ${JSON.stringify(unusedPlugins)}
[grpc]
  address = ${quoted(folders.containerdSocket)}
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${quoted(imageOf(layout, 'pause'))}
  disable_apparmor = true
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = ${quoted(folders.cniConfig)}
`
}

/** `hairpinMode` lets a pod reach itself through its service. */
export function cniConfig(layout: Layout): object {
  const addresses = {
    type: 'host-local',
    dataDir: nodeFolders(layout).cniAddresses,
    ranges: [[{ subnet: layout.network.pods }]],
    routes: [{ dst: '0.0.0.0/0' }],
  }
  return {
    cniVersion: '0.4.0',
    name: cniName(layout),
    plugins: [
      { type: 'bridge', bridge: 'pods', isGateway: true, hairpinMode: true, ipMasq: true, ipam: addresses },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }
}

export function kubeletConfig(layout: Layout, pki: Pki): object {
  const folders = nodeFolders(layout)
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: layout.network.node.address,
    readOnlyPort: 0,
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: pki.certificate } },
    authorization: { mode: 'Webhook' },
    tlsCertFile: pki.certificate,
    tlsPrivateKeyFile: pki.key,
    containerRuntimeEndpoint: `unix://${folders.containerdSocket}`,
    podLogsDir: folders.podLogs,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${layout.cgroups.pods}`,
    cgroupsPerQOS: true,
    enforceNodeAllocatable: [],
    failCgroupV1: false,
    failSwapOn: false,
    // A developer's full disk is no reason to evict what is under test.
    evictionHard: { 'memory.available': '1Mi', 'nodefs.available': '0%', 'nodefs.inodesFree': '0%', 'imagefs.available': '0%' },
    imageGCHighThresholdPercent: 100,
    clusterDomain: 'cluster.local',
    resolvConf: '/etc/resolv.conf',
    registerNode: true,
    nodeStatusUpdateFrequency: '5s',
  }
}

function quoted(text: string): string {
  return JSON.stringify(text)
}
