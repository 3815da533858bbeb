// SPDX-License-Identifier: AGPL-3.0-or-later
// For a town's own site: <script src="https://…/ricevimento/badge.js" data-ufficio="suap" defer></script>
// Draws a link that says how the office's virtual door stands. It sets no cookie and writes text only.
'use strict';
(() => {
  const me = document.currentScript;
  const { ufficio = '', testo } = me.dataset;
  const lang = me.dataset.lingua || (document.documentElement.lang.startsWith('en') ? 'en' : 'it');
  const home = new URL(me.src).origin;

  const link = document.createElement('a');
  link.className = 'sportello-porta';
  link.href = `${home}/ricevimento/${encodeURIComponent(ufficio)}`;
  link.textContent = testo || (lang === 'en' ? 'Virtual reception' : 'Ricevimento in video');
  me.after(link);

  const address = `${home}/ricevimento/badge.json?${new URLSearchParams({ ufficio, lang })}`;
  const read = async () => {
    const answer = await fetch(address, { credentials: 'omit' }).catch(() => null);
    if (!answer || !answer.ok) return;
    const { office, state, text } = await answer.json();
    link.textContent = `${testo || office}: ${text}`;
    link.dataset.stato = state;
  };
  void read();
  setInterval(() => document.hidden || read(), 60_000);
})();
