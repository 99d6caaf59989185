import type { Announcement, AnnouncementKind } from '../../domain/announcer/announcement.ts'

const SIGNS: Readonly<Record<AnnouncementKind, string>> = {
  building: ':hammer:',
  built: ':package:',
  buildFailed: ':x:',
  buildDropped: ':wastebasket:',
  waiting: ':raised_hand:',
  rejected: ':no_entry:',
  deploying: ':arrows_counterclockwise:',
  live: ':white_check_mark:',
  failed: ':x:',
  parked: ':pause_button:',
  rolledBack: ':rewind:',
}

/** One line, of which a channel makes neither a call nor a link out of what comes from a repository. */
export function slackText({ kind, project, text }: Announcement): string {
  return `${SIGNS[kind]} *${project}*: ${harmless(text)}`
}

/** Seen by nobody, and no part of a name or an address. What a text brings of the kind is taken out before. */
const BREAK = '\u200b'

/**
 * Slack knows links and calls by `<…>`, and finds addresses in plain text. Mattermost and Rocket.Chat take the same
 * messages, read them as Markdown, and call whoever is named after an `@`. What would begin one of these is broken up.
 */
const BEGINNINGS: readonly RegExp[] = [
  // @anne, @all; #channel and hashtags; ~channel.
  /[@\uff20#~](?=\S)/gu,
  // [text](address), ![picture](address), [text][name], [name]: address.
  /\](?=[([:])/gu,
  // https://host, mailto:somebody.
  /:(?=[\p{L}/])/gu,
  // host.example, www.host.example, and the full stops that stand for a dot in names.
  /(?<=\S)[.\u3002\uff0e\uff61](?=\p{L})/gu,
  /www\d{0,3}(?=\.)/giu,
]

function harmless(text: string): string {
  const plain = text.replace(/[\p{C}\p{Z}\s]+/gu, ' ')
  const broken = BEGINNINGS.reduce((rest, beginning) => rest.replace(beginning, `$&${BREAK}`), plain)
  return broken.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
