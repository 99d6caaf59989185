/** What a worker bundles: every workflow under the name it is started by. */
export { build } from './build.ts'
export { deployment } from './deployment.ts'
export { mergeBack } from './merge-back.ts'
export { clean, doctor, lookForDrift, readLog } from './inspect.ts'
export { environment } from './environment.ts'
export { plan } from './plan.ts'
export { repository } from './repository.ts'
export { sprint } from './sprint.ts'
