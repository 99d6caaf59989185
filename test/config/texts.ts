/** The smallest files that are valid; a test changes one thing in them. */

export const SLIPWAY = `project: website
services:
  website:
    image: eap/website
environments:
  alpha:
    kustomize:
      overlay: deploy/alpha
`

export const ESTATE = `registry:
  address: registry.example:5000
hosts:
  main:
    address: main.example
    user: deploy
    login: { agent: true }
    hostKey: { knownHosts: known_hosts }
clusters:
  main:
    kubeconfig: kubeconfig
projects:
  website:
    repository:
      url: git@git.example:eap/website.git
    environments:
      integration:
        from: develop
        target:
          compose: { host: main, directory: /srv/website }
      alpha:
        from: release
        target:
          kustomize: { cluster: main, namespace: alpha }
      prod:
        from: tag
        approvers: [alice]
        target:
          script: { host: main, command: ./deploy.sh }
`

/** `text` with the one occurrence of `from` replaced; a test that changes nothing is no test. */
export function change(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new Error(`expected ${JSON.stringify(from)} once in the text`)
  return text.replace(from, () => to)
}
