// SPDX-License-Identifier: AGPL-3.0-or-later
// What browsers answer instead of a camera or a microphone, as the names under which the page explains it.

const NAMES = {
  NotAllowedError: 'not-allowed',
  PermissionDeniedError: 'not-allowed',
  SecurityError: 'not-allowed',
  NotFoundError: 'not-found',
  DevicesNotFoundError: 'not-found',
  NotReadableError: 'not-readable',
  TrackStartError: 'not-readable',
  AbortError: 'not-readable',
  OverconstrainedError: 'overconstrained',
};

export const troubleOf = (error) => NAMES[error?.name] ?? 'unknown';

/** Why no call at all is possible here; null where it is. */
export function obstacle() {
  if (typeof RTCPeerConnection === 'undefined') return 'no-webrtc';
  if (!window.isSecureContext) return 'insecure';
  return navigator.mediaDevices?.getUserMedia ? null : 'no-webrtc';
}
