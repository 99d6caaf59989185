import { EVIDENCE_NAMESPACE, type Head } from '../format.ts'
import { MANIFEST, MANIFEST_SIGNATURE } from '../manifest.ts'
import { verifySignature, type Signers } from '../verify-signature.ts'
import { parseSshSignature } from '../ssh-signature.ts'
import type { Bundle, Found } from './bundle.ts'

/** Who signed the bundle, at the time that it gives as its own. */
export async function checkBundleSignature(
  bundle: Bundle,
  head: Head,
  signers: Signers | null,
): Promise<Found & { signedBy: string | null }> {
  const [manifest, armored] = [bundle.bytes(MANIFEST), bundle.text(MANIFEST_SIGNATURE)]
  if (armored === null || manifest === null) {
    if (head.signer !== null)
      return { ...problem(`it says that the key ${head.signer} signed it, and ${MANIFEST_SIGNATURE} is not there`), signedBy: null }
    const unsigned = 'the bundle is not signed: who has it could have written it'
    return { ...(signers === null ? note(unsigned) : problem(unsigned)), signedBy: null }
  }
  const parsed = parseSshSignature(armored)
  if (!parsed.ok) return { ...problem(`${MANIFEST_SIGNATURE}: ${parsed.problem}`), signedBy: null }
  if (parsed.value.fingerprint !== head.signer)
    return {
      ...problem(`it is signed by the key ${parsed.value.fingerprint}, and says ${head.signer ?? 'that nobody signed it'}`),
      signedBy: null,
    }
  if (signers === null)
    return { ...note(`the bundle's signature by ${parsed.value.fingerprint} was not checked: no --signers`), signedBy: null }
  const signed = { bytes: manifest, signature: armored, namespace: EVIDENCE_NAMESPACE, at: head.exportedAt }
  const judged = await verifySignature(signed, signers)
  if (!judged.ok) return { ...problem(`${MANIFEST_SIGNATURE}: ${judged.reason}`), signedBy: null }
  return { problems: [], notes: [], signedBy: judged.principal }
}

export function problem(text: string): Found {
  return { problems: [text], notes: [] }
}

export function note(text: string): Found {
  return { problems: [], notes: [text] }
}
