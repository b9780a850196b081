// The parts of the page, and which of them is seen.

import { get } from './api.js';
import { say } from './dom.js';
import { Games } from './games.js';
import { Machine } from './machine.js';
import { Overview } from './overview.js';
import { Play } from './play.js';
import { Runs } from './runs.js';

const runs = new Runs();
const at = (id) => document.getElementById(id);
const views = {
  overview: new Overview(at('overview'), runs),
  games: new Games(at('games'), runs),
  play: new Play(at('play'), runs),
  machine: new Machine(at('machine')),
};
views.machine.names = (id) => runs.list.find((r) => r.id === id)?.name;

// A token in the address is in a cookie by now and need not be seen.
if (location.search) history.replaceState(null, '', location.pathname + location.hash);

const trouble = at('trouble');
let seen = '';
function show() {
  const name = location.hash.replace(/^#\/?/, '').split('/')[0];
  const view = views[name] ? name : 'overview';
  for (const key in views) at(key).hidden = key !== view;
  for (const link of document.querySelectorAll('nav a')) {
    if (link.getAttribute('href') === `#/${view}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  document.title = `${view[0].toUpperCase()}${view.slice(1)} · Tengen`;
  if (seen) {
    scrollTo(0, 0);
    at('main').focus({ preventScroll: true });
  }
  seen = view;
  views[view].shown();
}

// Whether the page is up to date, and whether anything is learning.
function state() {
  const brief = runs.list.find((r) => r.id === runs.current);
  const o = runs.current == null ? null : runs.of(runs.current).overview;
  let name = 'live', words = 'Ready';
  if (runs.state === 'gone') [name, words] = ['gone', 'Server gone'];
  else if (brief || o) {
    const s = (o || brief).state;
    if (s === 'training' || s === 'new') words = 'Learning';
    else [name, words] = ['stalled', o && o.progress >= 0.995 ? 'The run has ended' : 'Not learning now'];
  }
  at('state').dataset.state = name;
  say(at('state'), words);
  trouble.hidden = name !== 'gone';
  if (name === 'gone') say(trouble, 'The server is gone. This is what it said last; the page tries to reach it again.');
}

for (const kind of ['state', 'overview', 'list', 'chosen']) runs.addEventListener(kind, state);
addEventListener('hashchange', show);
at('theme').addEventListener('click', () => dispatchEvent(new Event('toggle-theme')));
show();

async function begin() {
  try {
    await runs.start();
    trouble.hidden = true;
    if (!location.hash && !runs.list.length) location.hash = '#/play'; // There is nothing else to see.
    const version = await get('/api/version');
    say(at('foot'), `Tengen ${version.program.replace(/^tengen /i, '')}`);
    state();
    views[seen].shown();
  } catch (error) {
    trouble.hidden = false;
    say(trouble, error.message);
    at('state').dataset.state = 'gone';
    say(at('state'), 'No answer');
    if (error.status !== 401) setTimeout(begin, 4000);
  }
}
begin();
