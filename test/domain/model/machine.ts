import { SETTINGS } from '../samples.ts'
import { Environments } from './environments.ts'
import { Breaches } from './laws.ts'
import { MergeBacks } from './merge-backs.ts'
import { Post } from './post.ts'
import { Remote } from './remote.ts'
import { Repository } from './repository.ts'
import { Sprints } from './sprints.ts'

/**
 * Repository, sprints, environments and merge-backs by their rules alone, wired as their workflows are. Activities, the
 * clock and the post are in the hands of whoever drives it: everything may be late, doubled, reordered (but for what the
 * post keeps in order) or fail.
 */
export class Machine {
  readonly remote = new Remote()
  readonly post = new Post()
  readonly breaches = new Breaches()
  readonly repository = new Repository(this)
  readonly sprints = new Sprints(this)
  readonly environments = new Environments(this)
  readonly mergeBacks = new MergeBacks(this)
  now = 1000

  tick(): number {
    return ++this.now
  }

  /** Lets everything that is under way succeed, and everything that is said arrive. */
  round(): void {
    this.repository.endAll()
    for (const { name } of SETTINGS.environments) {
      this.environments.endRendering(name, true)
      this.environments.endDeployment(name, 'verified', false)
    }
    // From time to time what waits for a person is looked at.
    if (this.work() === 0) for (const version of this.sprints.runs.keys()) this.sprints.watch(version)
    for (const tag of this.mergeBacks.runs.keys()) while (this.mergeBacks.isMerging(tag)) this.mergeBacks.endMerge(tag, 'clean')
    this.post.deliverAll()
  }

  /** Rounds until nothing is left to do. */
  settleDown(): void {
    for (let rounds = 0; rounds < 100; rounds++) {
      const before = this.work()
      this.round()
      this.repository.look()
      if (before === 0 && this.work() === 0) return
    }
    this.breaches.broke('rest', `still ${this.work()} things under way`)
  }

  private work(): number {
    return this.post.messages.length + this.repository.work() + this.environments.work() + this.mergeBacks.work()
  }
}
