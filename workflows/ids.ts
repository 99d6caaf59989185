/** The ids of all workflows are made here and nowhere else. */

export function repositoryId(project: string): string {
  return `slipway/${project}/repository`
}

/** Tells others what happened in a project. */
export function announcerId(project: string): string {
  return `slipway/${project}/announcer`
}

export function sprintId(project: string, version: string): string {
  return `slipway/${project}/sprint/${version}`
}

export function buildId(project: string, revision: string): string {
  return `slipway/${project}/build/${revision}`
}

export function mergeBackId(project: string, tag: string): string {
  return `slipway/${project}/merge-back/${tag}`
}

/** What a sprint begins when it ends. */
export function evidenceId(project: string, version: string): string {
  return `slipway/${project}/evidence/${version}`
}

export function releasePageId(project: string, tag: string): string {
  return `slipway/${project}/release-page/${tag}`
}

export function environmentId(project: string, environment: string): string {
  return `slipway/${project}/env/${environment}`
}

export function deploymentId(project: string, environment: string, epoch: number): string {
  return `slipway/${project}/env/${environment}/${epoch}`
}

/** The schedule by which an environment is looked at, and the workflows that it starts. */
export function driftScheduleId(project: string, environment: string): string {
  return `${environmentId(project, environment)}/drift`
}

export function isDriftSchedule(id: string, project: string): boolean {
  return id.startsWith(environmentId(project, '')) && id.endsWith('/drift')
}
