// SPDX-License-Identifier: AGPL-3.0-or-later
// What one can do in a call beside camera and microphone: share the screen, write, read along, put oneself elsewhere.

export class Controls {
  #trouble = null;
  #reads = false;
  #canCaption = false;
  #told = [];

  /** @param root the page's part for the call @param parts what the other scripts give @param tellAll called when what we say of ourselves is other */
  constructor(root, parts, tellAll) {
    Object.assign(this, { root, ...parts, tellAll });
    const part = (name) => root.querySelector(`[data-${name}]`);
    this.parts = { self: part('self'), mine: part('mine'), news: part('news'), caption: part('caption') };
    this.trouble = part('call-trouble');
    this.chatBox = part('chat');
    const button = (name) => root.querySelector(`[data-do="${name}"]`);
    this.buttons = { share: button('share'), write: button('write'), captions: button('captions') };
    this.movable(this.parts.self, this.say, (text) => this.#announce(text));
    this.#press();
    this.#talk();
    void this.#askForCaptions();
    this.media.addEventListener('change', () => this.#onMedia());
    this.#onMedia();
  }

  /** What the others are told of us beside our devices: whether we read captions, and can write some. */
  get about() {
    return { captions: this.#canCaption, reads: this.#reads };
  }

  /** @param told what each of the others says of themselves */
  onTold(told) {
    this.#told = told;
    this.buttons.captions.hidden = !told.some(({ captions }) => captions);
    this.#caption();
  }

  onCaption(name, text) {
    if (this.#reads && name) this.parts.caption.textContent = `${name}: ${text}`;
  }

  #press() {
    const on = (button, act) => button.addEventListener('click', act);
    this.buttons.share.hidden = !navigator.mediaDevices?.getDisplayMedia;
    on(this.buttons.share, () => this.#share());
    on(this.buttons.write, () => this.#write(this.chatBox.hidden));
    on(this.buttons.captions, () => this.#readAlong());
    on(this.root.querySelector('[data-do="close-chat"]'), () => this.#write(false));
    on(this.root.querySelector('[data-do="close-trouble"]'), () => (this.trouble.hidden = true));
    this.chatBox.addEventListener('keydown', ({ key }) => key === 'Escape' && this.#write(false));
  }

  #talk() {
    this.chat = new this.Chat(this.chatBox, {
      say: this.say,
      send: (text) => this.line.send('chat', { text }),
      kept: this.recall(this.key('scritto')),
      onKeep: (lines) => this.remember(this.key('scritto'), lines),
      onUnread: (text) => text && this.#onUnread(text),
    });
    this.line.addEventListener('chat', ({ detail }) => this.chat.hear(detail));
    // Only a reload shows it again.
    this.line.addEventListener('over', () => this.remember(this.key('scritto'), []));
    // Whoever presses a button that leads away is not to be led elsewhere by the news that they did.
    for (const form of document.querySelectorAll('form[method=post]'))
      form.addEventListener('submit', () => this.line.close());
    this.captioner = new this.Captioner(document.documentElement.lang, (text) => this.line.send('caption', { text }));
  }

  async #askForCaptions() {
    this.#canCaption = await this.canCaption(document.documentElement.lang);
    this.tellAll();
  }

  /** A silent microphone is not written down either. */
  #caption() {
    const isRead = this.#told.some(({ reads }) => reads);
    this.captioner.want(this.#canCaption && isRead && this.media.state.microphone);
  }

  #readAlong() {
    this.#reads = !this.#reads;
    this.buttons.captions.setAttribute('aria-pressed', String(this.#reads));
    this.parts.caption.hidden = !this.#reads;
    this.parts.caption.textContent = '';
    this.tellAll();
  }

  #onMedia() {
    const { media, parts, say } = this;
    const track = media.videoTrack;
    if (parts.mine.srcObject?.getVideoTracks()[0] !== (track ?? undefined))
      parts.mine.srcObject = track && new MediaStream([track]);
    parts.self.classList.toggle('is-hidden', track === null);
    parts.self.classList.toggle('is-screen', media.screen !== null);
    this.buttons.share.setAttribute('aria-pressed', String(media.screen !== null));
    this.buttons.share.querySelector('[data-on]').textContent = media.screen ? say('screen-on') : '';
    this.#showTrouble();
    this.#caption();
  }

  /** What one has read before entering is not said again; what comes later, or when one tries again, is. */
  #showTrouble() {
    const { camera, microphone } = this.media;
    const now = [camera, microphone].map(({ trouble, tries }) => `${trouble} ${tries}`).join();
    if (now === this.#trouble) return;
    const isFirst = this.#trouble === null;
    this.#trouble = now;
    const sentences = isFirst ? [] : this.troubles(this.media, this.say, this.knows);
    this.trouble.querySelector('p').textContent = sentences.join(' ');
    this.trouble.hidden = sentences.length === 0;
  }

  async #share() {
    const trouble = this.media.screen ? this.media.unshare() : await this.media.share();
    if (trouble) this.#announce(this.say(trouble === 'not-allowed' ? 'screen-not-allowed' : 'screen-trouble'));
  }

  #write(isOpen) {
    this.chatBox.hidden = !isOpen;
    this.buttons.write.setAttribute('aria-expanded', String(isOpen));
    this.buttons.write.querySelector('[data-on]').textContent = '';
    (isOpen ? this.chatBox.querySelector('textarea') : this.buttons.write).focus();
  }

  #onUnread(text) {
    this.buttons.write.querySelector('[data-on]').textContent = this.say('unread');
    this.#announce(text);
  }

  /** A short word to who cannot see it; the state of the call keeps its own place. */
  #announce(text) {
    this.parts.news.textContent = text;
  }
}
