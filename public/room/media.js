// SPDX-License-Identifier: AGPL-3.0-or-later
// The camera, the microphone and the screen of this device. Nothing here sends anything.

const CAMERA = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 24, max: 30 } };
const MICROPHONE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** One of the two devices: whether it is wanted, which one, its track while it runs, why it does not, and how often it did not. */
const device = ({ on = true, id = null } = {}) => ({ on, id, track: null, trouble: null, tries: 0 });

/** Says `change` when a track, a wish or a trouble is another one. */
export class Media extends EventTarget {
  /** @param kept what {@link Media#choices} said before @param troubleOf names what a browser answers */
  constructor(kept, troubleOf) {
    super();
    this.camera = device(kept?.camera);
    this.microphone = device(kept?.microphone);
    this.screen = null;
    this.troubleOf = troubleOf;
  }

  /** To be remembered: never a name of a device. */
  get choices() {
    const of = ({ on, id }) => ({ on, id });
    return { camera: of(this.camera), microphone: of(this.microphone) };
  }

  /** What is to be sent: null for none. */
  get audioTrack() {
    return this.microphone.track;
  }

  get videoTrack() {
    return this.screen ?? this.camera.track;
  }

  /** What the others are told of us. */
  get state() {
    const hears = Boolean(this.microphone.track?.enabled);
    return { microphone: hears, camera: Boolean(this.videoTrack), screen: Boolean(this.screen) };
  }

  /** Asks for what is wanted: both in one question, and each by itself where one of them is refused. */
  async open() {
    const { camera, microphone } = this;
    if (camera.on && microphone.on) {
      const stream = await ask({ video: videoOf(camera), audio: audioOf(microphone) }).catch(() => null);
      for (const track of stream?.getTracks() ?? []) this.#take(track.kind === 'video' ? camera : microphone, track);
    }
    if (microphone.on && !microphone.track) await this.#start(microphone);
    if (camera.on && !camera.track) await this.#start(camera);
    this.#changed();
  }

  /** A camera that is off is really off: its light goes out. A microphone is silent, and at once back. */
  async turn(kind, on) {
    const one = this[kind];
    one.on = on;
    one.trouble = null;
    if (kind === 'microphone' && one.track) one.track.enabled = on;
    else if (on) await this.#start(one);
    else this.#stop(one);
    this.#changed();
  }

  /** Another camera or microphone. */
  async choose(kind, id) {
    const one = this[kind];
    one.id = id;
    this.#stop(one);
    if (one.on) await this.#start(one);
    this.#changed();
  }

  /** The devices there are: a browser names them only once it has been allowed one. */
  async list() {
    const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    const of = (kind) => all.filter((one) => one.kind === kind && one.deviceId);
    return { camera: of('videoinput'), microphone: of('audioinput') };
  }

  /** @returns the trouble, null when the screen is shared */
  async share() {
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: false });
      this.screen = stream.getVideoTracks()[0];
    } catch (error) {
      return this.troubleOf(error);
    }
    // A map has to be sharp, even if it moves less.
    this.screen.contentHint = 'detail';
    this.screen.addEventListener('ended', () => this.unshare());
    this.#changed();
    return null;
  }

  /** @returns null, as {@link share} that went well */
  unshare() {
    this.screen?.stop();
    this.screen = null;
    this.#changed();
    return null;
  }

  close() {
    this.screen?.stop();
    this.screen = null;
    this.#stop(this.camera);
    this.#stop(this.microphone);
    this.#changed();
  }

  async #start(one) {
    const isCamera = one === this.camera;
    const wish = (which) => (isCamera ? { video: videoOf(which) } : { audio: audioOf(which) });
    try {
      const stream = await ask(wish(one)).catch((error) => {
        // The one that was chosen is not there today: any will do.
        if (error.name !== 'OverconstrainedError' || !one.id) throw error;
        one.id = null;
        return ask(wish(one));
      });
      this.#take(one, stream.getTracks()[0]);
    } catch (error) {
      one.trouble = this.troubleOf(error);
      one.tries++;
    }
  }

  #take(one, track) {
    one.track?.stop();
    one.track = one.on ? track : null;
    // Meanwhile somebody thought better of it.
    if (!one.on) track.stop();
    one.trouble = null;
    track.addEventListener('ended', () => {
      if (one.track !== track) return;
      one.track = null;
      one.trouble = 'lost';
      this.#changed();
    });
  }

  #stop(one) {
    one.track?.stop();
    one.track = null;
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

const ask = (wish) => navigator.mediaDevices.getUserMedia(wish);
const chosen = ({ id }) => (id ? { deviceId: { exact: id } } : {});
const videoOf = (one) => ({ ...CAMERA, ...chosen(one) });
const audioOf = (one) => ({ ...MICROPHONE, ...chosen(one) });
