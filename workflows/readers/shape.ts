import { quoted } from '../../domain/parsed.ts'

/**
 * Reads what anybody may have sent into what a rule can take: only what belongs to it, in the shape that it has to have.
 * Throws Malformed, which never leaves hear-machine.ts.
 */
export type Reader<T> = (value: unknown, path: string) => T

export class Malformed extends Error {
  override readonly name = 'Malformed'
}

/** The last moment that a Date can name; what is later would throw where it is shown. */
const LAST_MOMENT = 8.64e15

/** @param expected what it has to be, after "expected" */
export function value<T>(expected: string, is: (value: unknown) => value is T): Reader<T> {
  return (given, path) => {
    if (is(given)) return given
    throw new Malformed(`${path}: expected ${expected}, found ${spoken(given)}`)
  }
}

export const text = value('a text', (given): given is string => typeof given === 'string')
export const flag = value('true or false', (given): given is boolean => typeof given === 'boolean')
export const count = value('a whole number from 0', (given): given is number => Number.isSafeInteger(given) && Number(given) >= 0)
/** Milliseconds since 1970. */
export const moment = value(
  'milliseconds since 1970',
  (given): given is number => typeof given === 'number' && given >= 0 && given <= LAST_MOMENT,
)

/** A text that a rule of the domain knows, such as a version. */
export function textThat(expected: string, fits: (text: string) => boolean): Reader<string> {
  return value(expected, (given): given is string => typeof given === 'string' && fits(given))
}

export function oneOf<const T extends string | boolean>(...known: readonly T[]): Reader<T> {
  return value(known.join(', '), (given): given is T => known.some((each) => each === given))
}

export function nullable<T>(read: Reader<T>): Reader<T | null> {
  return (given, path) => (given === null ? null : read(given, path))
}

/** May be left out of an object. */
export function optional<T>(read: Reader<T>): Reader<T | undefined> {
  return (given, path) => (given === undefined ? undefined : read(given, path))
}

export function list<T>(read: Reader<T>): Reader<T[]> {
  return (given, path) => {
    if (!Array.isArray(given)) throw new Malformed(`${path}: expected a list, found ${spoken(given)}`)
    return given.map((each, index) => read(each, `${path}[${index}]`))
  }
}

/** What is not among the fields is left behind. */
export function object<T extends object>(fields: { readonly [Key in keyof T]-?: Reader<T[Key]> }): Reader<T> {
  const readers = Object.entries<Reader<unknown>>(fields)
  return (given, path) => {
    const all = record(given, path)
    const read = readers.map(([name, reader]) => [name, reader(all[name], `${path}.${name}`)] as const)
    return Object.fromEntries(read.filter(([, each]) => each !== undefined)) as T
  }
}

type With<T, Key extends keyof T, Tag> = T extends unknown ? (Tag extends T[Key] ? T : never) : never

/** One of several objects, told apart by the text in one field. */
export function tagged<T extends object, Key extends keyof T & string>(
  key: Key,
  readers: { readonly [Tag in T[Key] & string]: Reader<With<T, Key, Tag>> },
): Reader<T> {
  const known = Object.entries<Reader<T>>(readers)
  const readTag = oneOf(...known.map(([tag]) => tag))
  return (given, path) => {
    const tag = readTag(record(given, path)[key], `${path}.${key}`)
    const [, read] = known.find(([each]) => each === tag)!
    return read(given, path)
  }
}

export function record(given: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given as Readonly<Record<string, unknown>>
  throw new Malformed(`${path}: expected an object, found ${spoken(given)}`)
}

function spoken(given: unknown): string {
  if (given === undefined) return 'nothing'
  if (typeof given === 'string') return quoted(given)
  if (Array.isArray(given)) return 'a list'
  return typeof given === 'object' && given !== null ? 'an object' : JSON.stringify(given)
}
