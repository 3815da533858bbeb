// SPDX-License-Identifier: AGPL-3.0-or-later

/** Whether whoever asks is a program, which takes JSON and no page. */
export const wantsJson = (accept = ''): boolean => accept.includes('json') && !accept.includes('text/html');
