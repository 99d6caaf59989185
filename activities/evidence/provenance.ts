import type { Candidate, ServiceImage } from '../../domain/candidate.ts'
import type { ServiceConfig } from '../../config/slipway-schema.ts'
import type { Provenance } from '../../evidence/in-toto.ts'
import type { BuildFacts } from './build-facts.ts'

/** What is read of fields: docs/evidence.md. */
const BUILD_TYPE = 'urn:slipway:build:1'
const BUILDER = 'urn:slipway:worker'

export type Origin = {
  readonly image: ServiceImage
  readonly candidate: Candidate
  readonly registry: string
  /** The git URL, which holds no password. */
  readonly repository: string
  /** What slipway.yaml says of the service at the revision; null where it cannot be read any more. */
  readonly config: ServiceConfig | null
  readonly estateArgs: Readonly<Record<string, string>>
  /** Null where the build's history is gone, or the image was known before this revision asked for it. */
  readonly facts: BuildFacts | null
  readonly slipwayVersion: string
}

/** Only what is known: what nobody recorded is left out. */
export function provenanceOf({ image, candidate, registry, repository, config, estateArgs, facts, slipwayVersion }: Origin): Provenance {
  const source = { uri: gitUri(repository), digest: { gitCommit: candidate.revision } }
  const bases = (facts?.bases ?? []).map(({ name, digest }) => ({ uri: `docker://${name}`, name, digest: { sha256: hex(digest) } }))
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: `${registry}/${image.repository}`, digest: { sha256: hex(image.digest) } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: {
          repository,
          revision: candidate.revision,
          service: image.service,
          ...(config === null ? {} : { build: { ...config, args: { ...config.args, ...estateArgs } } }),
        },
        internalParameters: { inputs: image.inputs, configHash: candidate.configHash, reused: image.reused },
        resolvedDependencies: [source, ...bases],
      },
      runDetails: {
        builder: { id: BUILDER, version: { slipway: slipwayVersion } },
        metadata: facts === null ? {} : { invocationId: facts.invocation, startedOn: facts.startedAt, finishedOn: facts.finishedAt },
        ...(facts?.log == null ? {} : { byproducts: [{ name: 'build log', digest: { sha256: hex(facts.log) } }] }),
      },
    },
  }
}

/** `user@host:path` is no URI. */
function gitUri(url: string): string {
  if (url.startsWith('/')) return `git+file://${url}`
  const scp = /^([^/:]+@[^/:]+):(.+)$/.exec(url)
  return scp === null ? `git+${url}` : `git+ssh://${scp[1]}/${scp[2]?.replace(/^\//, '')}`
}

function hex(digest: string): string {
  return digest.replace(/^sha256:/, '')
}
