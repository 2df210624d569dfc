/* Finds pages by words, whatever their accents and capitals: each word asked for must begin a word of
   the page's title, of its run's name or of one section. What is searched stands in the page itself,
   so that nothing is asked of anybody. `lookup.py` says how it is laid out. */
(() => {
  'use strict';
  const STEP = 20, SECTIONS = 6, WORDS = 16;
  const plain = text => ' ' + text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
  const number = letters => [...letters].reduce((sum, one) => sum * 26 + one.charCodeAt(0) - 97, 0);
  const row = text => text.split(' ').map(number);
  const made = (name, text, kind) => {
    const part = document.createElement(name);
    part.textContent = text;
    if (kind) part.className = kind;
    return part;
  };
  const link = (address, text) => {
    const part = made('a', text);
    part.href = address;
    return part;
  };

  const open = code => {
    const held = JSON.parse(document.getElementById('texts-' + code).textContent);
    return {
      texts: held.texts,
      plain: held.texts.map(plain),
      runs: held.runs.map(([address, label]) => ({address, label, plain: plain(label)})),
      outlines: held.outlines.map(lines => lines ? lines.split(';').map(row) : []),
      pages: held.pages.map(row),
    };
  };

  /* Which of the words a text has, as bits. */
  const has = (text, words) =>
    words.reduce((bits, word, place) => text.includes(' ' + word) ? bits | 1 << place : bits, 0);

  const search = (held, asked) => {
    const words = [...new Set(plain(asked).trim().split(' '))].filter(Boolean).slice(0, WORDS);
    if (!words.length) return [];
    const all = (1 << words.length) - 1;
    const texts = held.plain.map(text => has(text, words));
    const runs = held.runs.map(run => has(run.plain, words));
    const outlines = held.outlines.map(sections => sections.map(([anchor, ...said]) => ({
      anchor, heading: said[0], said, bits: said.reduce((bits, text) => bits | texts[text], 0),
    })).filter(section => section.bits));
    const ranks = [[], [], []];
    for (const [run, file, title, outline] of held.pages) {
      const own = texts[title], near = own | runs[run];
      const sections = outlines[outline].filter(section => (near | section.bits) === all);
      const hit = {run: held.runs[run], file: held.texts[file], title: held.texts[title],
        sections: own === all ? [] : sections.filter(section => section.bits & ~own),
        why: section => held.texts[section.said.find(text => texts[text] & ~own)]};
      if (own === all) ranks[0].push(hit);
      else if (hit.sections.length) ranks[1].push(hit);
      else if (near === all) ranks[2].push(hit);
    }
    const found = [...ranks[0], ...ranks[1]];
    return found.length ? found : ranks[2];
  };

  const shown = (held, hit) => {
    const item = document.createElement('li'), address = hit.run.address + hit.file;
    item.append(link(address, hit.title), made('span', hit.run.label, 'of'));
    const list = document.createElement('ul');
    for (const section of hit.sections.slice(0, SECTIONS)) {
      const entry = document.createElement('li'), heading = held.texts[section.heading];
      entry.append(link(address + '#' + encodeURIComponent(held.texts[section.anchor]), heading));
      const why = hit.why(section);
      if (why !== heading) entry.append(' ', made('span', why, 'why'));
      list.append(entry);
    }
    if (hit.sections.length > SECTIONS) list.append(made('li', '…'));
    if (list.children.length) item.append(list);
    return item;
  };

  for (const part of document.querySelectorAll('[data-find]')) {
    const input = part.querySelector('input'), told = part.querySelector('.told');
    const list = part.querySelector('.hits'), further = part.querySelector('.further');
    let held = null, found = [], waiting = 0;
    const more = () => {
      const first = list.children.length;
      list.append(...found.slice(first, first + STEP).map(hit => shown(held, hit)));
      further.classList.toggle('more', found.length > list.children.length);
      return list.children[first];
    };
    const find = () => {
      const asked = input.value.trim();
      held ??= open(part.dataset.find);
      found = search(held, asked);
      list.replaceChildren();
      more();
      const words = {0: part.dataset.none, 1: part.dataset.one}[found.length] || part.dataset.many;
      told.textContent = asked && words.replace('#', found.length.toLocaleString(part.dataset.locale));
    };
    input.addEventListener('input', () => {
      clearTimeout(waiting);
      waiting = setTimeout(find, 150);
    });
    further.addEventListener('click', () => more().querySelector('a').focus());
    addEventListener('pageshow', () => input.value && find());
  }
  document.documentElement.classList.add('scripted');
})();
