// SPDX-License-Identifier: AGPL-3.0-or-later

/** What the courier tells whoever keeps the log; `error` holds codes only. */
export type Report = (
  event: string,
  about: { outbox_id?: string; kind?: string; error?: string },
  fault?: unknown,
) => void;
