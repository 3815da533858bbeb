// SPDX-License-Identifier: AGPL-3.0-or-later

export const LONGEST_NAME = 100;
export const LONGEST_REASON = 200;
export const LONGEST_EMAIL = 254;
export const LONGEST_PHONE = 30;
export const LONGEST_CASE_NUMBER = 50;

const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const ADDRESS = new RegExp(`^(?=.{1,64}@)(?!.*=\\?)${ATOM}(?:\\.${ATOM})*@(?:${LABEL}\\.)+(?!\\d+$)${LABEL}$`);

/**
 * One address as RFC 5321 has it, without quotes, comments or a name: nothing that could address a second person, nor
 * begin an encoded word (RFC 2047), which no letter is sent to.
 */
export const isEmail = (text: string): boolean => text.length <= LONGEST_EMAIL && ADDRESS.test(text);

/** The address as letters and calendars write it: names of domains do not tell capitals from small letters (RFC 4343). */
export function withPlainDomain(email: string): string {
  const at = email.lastIndexOf('@');
  return email.slice(0, at) + email.slice(at).toLowerCase();
}

export const isPhone = (text: string): boolean =>
  text.length <= LONGEST_PHONE && /^\+?[\d\s()./-]+$/.test(text) && text.replace(/\D/g, '').length >= 5;

/** On one line: no control characters, no line or paragraph separators, no half characters. */
export const isOneLine = (text: string): boolean => text.isWellFormed() && !/[\p{Cc}\u2028\u2029]/u.test(text);

/** Lines of text: line breaks and tabs are the only control characters. */
export const isText = (text: string): boolean => text.isWellFormed() && !/(?![\n\r\t])\p{Cc}/u.test(text);

/** Characters as a person counts them, not as UTF-16 does. */
export const lengthOf = (text: string): number => [...text].length;
