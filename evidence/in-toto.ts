import { z } from 'zod'

/** The in-toto Statement v1 with a SLSA provenance v1 predicate, as far as Slipway honestly knows its fields. */
export type Provenance = {
  readonly _type: 'https://in-toto.io/Statement/v1'
  readonly subject: readonly [{ readonly name: string; readonly digest: { readonly sha256: string } }]
  readonly predicateType: 'https://slsa.dev/provenance/v1'
  readonly predicate: {
    readonly buildDefinition: {
      readonly buildType: string
      readonly externalParameters: Readonly<Record<string, unknown>>
      readonly internalParameters: Readonly<Record<string, unknown>>
      readonly resolvedDependencies: readonly {
        readonly uri: string
        readonly name?: string
        readonly digest: Readonly<Record<string, string>>
      }[]
    }
    readonly runDetails: {
      readonly builder: { readonly id: string; readonly version?: Readonly<Record<string, string>> }
      readonly metadata: { readonly invocationId?: string; readonly startedOn?: string; readonly finishedOn?: string }
      readonly byproducts?: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[]
    }
  }
}

/** As far as a check needs it. */
export const provenance = z.looseObject({
  _type: z.literal('https://in-toto.io/Statement/v1'),
  subject: z.array(z.looseObject({ name: z.string(), digest: z.looseObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }) })).length(1),
  predicateType: z.literal('https://slsa.dev/provenance/v1'),
})
