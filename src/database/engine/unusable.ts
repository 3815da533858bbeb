// SPDX-License-Identifier: AGPL-3.0-or-later

/** This process cannot use the database it was given; the message is one sentence for whoever set it up. */
export class UnusableDatabase extends Error {}
