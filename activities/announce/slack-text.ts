import type { Announcement, AnnouncementKind } from '../../domain/announcer/announcement.ts'

const SIGNS: Readonly<Record<AnnouncementKind, string>> = {
  building: ':hammer:',
  built: ':package:',
  buildFailed: ':x:',
  buildDropped: ':wastebasket:',
  waiting: ':raised_hand:',
  deploying: ':arrows_counterclockwise:',
  live: ':white_check_mark:',
  failed: ':x:',
  parked: ':pause_button:',
  rolledBack: ':rewind:',
}

/** One line. Whatever comes from a repository can neither call people nor make links: `&`, `<` and `>` are all that could. */
export function slackText({ kind, project, text }: Announcement): string {
  const plain = text.replace(/[\p{C}\s]+/gu, ' ')
  return `${SIGNS[kind]} *${project}*: ${escaped(plain)}`
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/@(channel|here|everyone|all)\b/gi, '@\u200b$1')
}
