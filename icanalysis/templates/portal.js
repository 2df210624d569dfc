/* Finds pages by words, whatever their accents and capitals: each word asked for must begin a word of
   the page's title, of its run or of one section. What is searched stands in the page itself,
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
      runs: held.runs.map(([address, label, name]) =>
        ({address, label, name: plain(name), plain: plain(label)})),
      outlines: held.outlines.map(lines => lines ? lines.split(';').map(row) : []),
      pages: held.pages.map(row),
    };
  };

  /* Which of the words a text has, as bits. */
  const has = (text, words) =>
    words.reduce((bits, word, place) => text.includes(' ' + word) ? bits | 1 << place : bits, 0);

  const count = bits => bits.toString(2).replaceAll('0', '').length;

  const search = (held, asked) => {
    const words = [...new Set(plain(asked).trim().split(' '))].filter(Boolean).slice(0, WORDS);
    if (!words.length) return [];
    const all = (1 << words.length) - 1;
    const texts = held.plain.map(text => has(text, words));
    const runs = held.runs.map(run => ({name: has(run.name, words), all: has(run.plain, words)}));
    const outlines = held.outlines.map(sections => sections.map(([anchor, ...said]) => ({
      anchor, heading: said[0], said, bits: said.reduce((bits, text) => bits | texts[text], 0),
    })).filter(section => section.bits));
    const hits = [];
    for (const [run, file, title, outline] of held.pages) {
      const own = texts[title], near = own | runs[run].name;
      const sections = own === all ? [] : outlines[outline]
        .filter(section => section.bits & ~own && (near | section.bits) === all);
      if (!sections.length && (own | runs[run].all) !== all) continue;
      hits.push({
        run, file, title, sections,
        rank: own === all ? 0 : !sections.length ? 3 : own ? 1 : 2,
        why: section => section.said.reduce((best, text) =>
          count(texts[text] & ~own) > count(texts[best] & ~own) ? text : best),
      });
    }
    /* What a run is called finds all of its pages: only where nothing else is found. */
    const better = hits.filter(hit => hit.rank < 3);
    return (better.length ? better : hits).sort((a, b) => a.run - b.run || a.rank - b.rank);
  };

  const shown = (held, hit) => {
    const item = document.createElement('li'), run = held.runs[hit.run];
    const address = run.address + held.texts[hit.file];
    item.append(link(address, held.texts[hit.title]), made('span', run.label, 'of'));
    const list = document.createElement('ul');
    for (const section of hit.sections.slice(0, SECTIONS)) {
      const entry = document.createElement('li'), heading = held.texts[section.heading];
      entry.append(link(address + '#' + encodeURIComponent(held.texts[section.anchor]), heading));
      const why = held.texts[hit.why(section)];
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
      const asked = plain(input.value).trim();
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
