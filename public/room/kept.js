// SPDX-License-Identifier: AGPL-3.0-or-later
// What one tab remembers until it is closed, and this device for the next call (`lasting`). Browsers may forbid even that.

const PREFIX = 'sportello-chiamata-';

const storage = (lasting) => (lasting ? localStorage : sessionStorage);

export function recall(key, lasting = false) {
  try {
    return JSON.parse(storage(lasting).getItem(PREFIX + key));
  } catch {
    return null;
  }
}

export function remember(key, value, lasting = false) {
  try {
    storage(lasting).setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // A reload then begins anew.
  }
}
