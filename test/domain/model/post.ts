/** A message that is on its way. Those of one `channel` arrive in order and once; those without in any order, and twice. */
type Message = { readonly to: string; readonly channel: string | null; readonly arrive: () => void }

/** What workflows say to each other, in the hands of whoever drives the machine. */
export class Post {
  readonly messages: Message[] = []

  send(to: string, arrive: () => void): void {
    this.messages.push({ to, channel: null, arrive })
  }

  sendInOrder(channel: string, arrive: () => void): void {
    this.messages.push({ to: channel, channel, arrive })
  }

  /** True while something of it is on its way. */
  carries(where: (to: string) => boolean): boolean {
    return this.messages.some(({ to }) => where(to))
  }

  deliver(index: number, doubled: boolean): void {
    const any = this.messages[index % Math.max(1, this.messages.length)]
    if (any === undefined) return
    const message = any.channel === null ? any : this.messages.find((other) => other.channel === any.channel)!
    this.messages.splice(this.messages.indexOf(message), 1)
    message.arrive()
    if (doubled && message.channel === null) message.arrive()
  }

  deliverAll(): void {
    while (this.messages.length > 0) this.deliver(0, false)
  }
}
