import type { Moments } from './moments.ts'

/** The script's lines "name milliseconds-since-1970", as milliseconds since `begun`. */
export function readMarks(text: string, begun: number): Moments {
  const marks = text.split('\n').flatMap((line) => {
    const [, name, at] = /^([a-z]+) (\d{13})$/.exec(line) ?? []
    return name === undefined ? [] : [[name, Number(at) - begun] as const]
  })
  return Object.fromEntries(marks)
}
