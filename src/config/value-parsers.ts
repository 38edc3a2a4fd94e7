import { delimiter, resolve } from 'node:path';
import { Unusable } from './environment-reader.js';

/** Timers of Node wait no longer than this: beyond it they fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const text = (value: string): string => value;

/** Separated by commas. */
export const texts = (value: string): string[] => split(value, ',');

export const folder = (value: string): string => resolve(value);

/** Separated by commas, or as in PATH. */
export const folders = (value: string): string[] => split(value, new RegExp(`[,${delimiter}]`)).map(folder);

export const port = (value: string): number => wholeNumber(value, 0, 65_535);

export const milliseconds = (value: string): number => wholeNumber(value, 1, LONGEST_TIMER_MS);

export const days = (value: string): number => wholeNumber(value, 1, 36_500);

export const count = (value: string): number => wholeNumber(value, 1, 1_000_000);

/** 0 for none. */
export const limit = (value: string): number => wholeNumber(value, 0, 1_000_000);

export const percent = (value: string): number => wholeNumber(value, 0, 100);

export const oneOf =
  <T extends string>(choices: readonly T[]) =>
  (value: string): T => {
    const choice = choices.find((known) => known === value.toLowerCase());
    if (choice === undefined) throw new Unusable(`one of ${choices.join(', ')}`);
    return choice;
  };

/** What a client can send in an `Authorization` header. */
export const token = (value: string): string => {
  if (!/^[\x21-\x7e]+$/.test(value)) throw new Unusable('of visible ASCII characters, without spaces');
  return value;
};

/** In lower case, as Node has them. */
export const headerName = (value: string): string => {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(value)) throw new Unusable('the name of a header, such as x-user-id');
  return value.toLowerCase();
};

export const postgresUrl = (value: string): string => {
  if (!URL.canParse(value) || !['postgres:', 'postgresql:'].includes(new URL(value).protocol)) {
    throw new Unusable('a URL such as postgres://user:password@host:5432/database');
  }
  return value;
};

/** Origins separated by commas, such as `https://admin.example.com`; `*` for all. */
export const origins = (value: string): string[] =>
  split(value, ',').map((origin) => {
    const bare = origin.replace(/\/$/, '');
    if (bare === '*' || (URL.canParse(bare) && new URL(bare).origin === bare.toLowerCase())) return bare.toLowerCase();
    throw new Unusable('origins separated by commas, such as https://admin.example.com');
  });

function wholeNumber(value: string, least: number, greatest: number): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (number >= least && number <= greatest) return number;
  throw new Unusable(`a whole number from ${least} to ${greatest}`);
}

function split(value: string, separator: string | RegExp): string[] {
  return value
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
