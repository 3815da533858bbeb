// SPDX-License-Identifier: AGPL-3.0-or-later

/** Thrown where a page cannot be shown yet: the browser is sent elsewhere first. */
export class GoTo extends Error {
  /** @param location a path of ours */
  constructor(readonly location: string) {
    super(`go to ${location}`);
  }
}
