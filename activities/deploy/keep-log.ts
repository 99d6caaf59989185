import type { StoredContent } from '../contract.ts'
import type { AttemptContext } from '../context.ts'
import { isPermanent } from '../failure.ts'
import { withHeartbeat } from '../heartbeat.ts'
import type { Store } from '../store/store.ts'

/** Keeps what was printed. A store that does not take it says nothing against what was done: then there is no log. */
export async function keepLog(store: Store, text: string, attempt: AttemptContext): Promise<StoredContent | null> {
  if (text === '') return null
  const put = () => store.put(Buffer.from(text), 'text/plain; charset=utf-8', attempt.signal)
  try {
    return await withHeartbeat(attempt, 'keeping the log', put)
  } catch (error) {
    if (isPermanent(error)) return null
    throw error
  }
}
