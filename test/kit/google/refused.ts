// SPDX-License-Identifier: AGPL-3.0-or-later

/** What Google's API says no with: its status, its `reason`, in its envelope. */
export class GoogleError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message = reason,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }

  get body(): object {
    const { status: code, message, reason } = this;
    return { error: { code, message, errors: [{ domain: 'global', reason, message }] } };
  }
}

/** What the token endpoint says no with (RFC 6749 section 5.2). */
export class OAuthError extends Error {
  constructor(
    readonly status: number,
    readonly error: string,
  ) {
    super(error);
  }

  get body(): object {
    return { error: this.error, error_description: `refused: ${this.error}` };
  }
}
