import { quoted } from '../../domain/parsed.ts'
import { IN_TOTO, parseEnvelope, signedBytes } from '../dsse.ts'
import { ATTESTATIONS, EVIDENCE_NAMESPACE, type CheckedEnvironment, type Head } from '../format.ts'
import { provenance } from '../in-toto.ts'
import { verifySignature, type Signers } from '../verify-signature.ts'
import type { Bundle, Found } from './bundle.ts'

/** Each attestation is of an image that was deployed, each deployed image has one, and their signatures hold. */
export async function checkAttestations(
  bundle: Bundle,
  head: Head,
  environments: readonly CheckedEnvironment[],
  signers: Signers | null,
): Promise<Found> {
  const images = environments.flatMap(({ deployments }) => deployments.flatMap(({ snapshot }) => snapshot.candidate.images))
  const deployed = new Set(images.map(({ digest }) => digest))
  const attested = new Set<string>()
  const problems: string[] = []
  for (const path of bundle.below(ATTESTATIONS)) {
    const found = await checkAttestation(bundle.text(path) ?? '', head, signers)
    if ('problem' in found) problems.push(`${quoted(path)}: ${found.problem}`)
    else if (!deployed.has(found.digest)) problems.push(`${quoted(path)} is of ${found.digest}, which was not deployed`)
    else attested.add(found.digest)
  }
  const lacking = [...deployed]
    .filter((digest) => !attested.has(digest))
    .map((digest) => `no attestation of ${quoted(digest)}, which was deployed`)
  return { problems: [...problems, ...lacking], notes: [] }
}

async function checkAttestation(text: string, head: Head, signers: Signers | null): Promise<{ digest: string } | { problem: string }> {
  const envelope = parseEnvelope(text)
  if (!envelope.ok) return envelope
  const { payloadType, signatures } = envelope.value
  const payload = Buffer.from(envelope.value.payload, 'base64')
  const statement = provenance.safeParse(payloadType === IN_TOTO ? parseJson(payload) : null)
  if (!statement.success) return { problem: 'it holds no in-toto statement with SLSA provenance' }
  if (head.signer !== null && signatures.length === 0) return { problem: 'the bundle is signed, and it is not' }
  for (const { sig } of signatures) {
    if (signers === null) break
    const signature = Buffer.from(sig, 'base64').toString('latin1')
    const signed = { bytes: signedBytes(payloadType, payload), signature, namespace: EVIDENCE_NAMESPACE, at: head.exportedAt }
    const judged = await verifySignature(signed, signers)
    if (!judged.ok) return { problem: judged.reason }
  }
  return { digest: `sha256:${statement.data.subject[0]?.digest.sha256 ?? ''}` }
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return null
  }
}
