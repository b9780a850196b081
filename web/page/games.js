// The games being played at this moment, and the stored ones, move by move.

import { get } from './api.js';
import { Board, boardOf, placed } from './boards.js';
import { Chart, duration, number } from './charts.js';
import { check, el, field, say, select, setOptions, stepButton } from './dom.js';
import { ValueBar, boardName, chances, gameWords, percent, resultWords, side, signed } from './words.js';

const SLOTS = 8; // Boards of games being played that are shown; chosen.

const heatOf = (policy) => policy ? policy.map((v) => v || 0) : null;

// The most likely moves of a policy, with those that have no point.
function likely(game, policy, others, most) {
  const out = policy.map((p, point) => ({
    name: game.moves_pieces ? `to ${game.columns[point % game.width]}${game.rows[Math.floor(point / game.width)]}`
      : `${game.columns[point % game.width]}${game.rows[Math.floor(point / game.width)]}`, p,
  })).filter((m) => m.p > 0);
  for (const [name, p] of Object.entries(others || {})) out.push({ name, p });
  return out.sort((a, b) => b.p - a.p).slice(0, most);
}

export class Games {
  constructor(section, runs) {
    this.runs = runs;
    this.section = section;
    this.minis = [];
    this.record = null;
    this.ply = 0;
    this.rows = [];
    section.append(el('h1', { id: 'games-title' }, 'Games'), ...this.makeLive(), ...this.makeStored());
    runs.addEventListener('live', () => this.section.hidden || this.showLive());
    runs.addEventListener('games', () => this.section.hidden || this.topUp());
    runs.addEventListener('chosen', () => this.reset());
    document.addEventListener('keydown', (e) => this.key(e));
  }

  makeLive() {
    this.liveNote = el('p.soft');
    this.liveHost = el('div.minis');
    return [el('h2', {}, 'Being played now'), this.liveNote, this.liveHost];
  }

  makeStored() {
    this.net = select([['', 'all']], '', () => this.list());
    this.result = select([['', 'all']], '', () => this.list());
    this.body = el('tbody');
    this.body.addEventListener('keydown', (e) => this.listKey(e));
    this.more = el('button.bare', { type: 'button', onclick: () => this.list(this.next) }, 'Older games');
    this.more.hidden = true;
    this.listNote = el('p.soft.small');
    const head = el('tr', {}, el('th.n', { scope: 'col' }, 'Game'), el('th.n', { scope: 'col' }, 'Step of the net'),
      el('th', { scope: 'col' }, 'Result'), el('th.n', { scope: 'col' }, 'Moves'), el('th', { scope: 'col' }, 'Board'));
    const table = el('table', {}, el('caption.unseen', {}, 'Stored games'), el('thead', {}, head), this.body);

    const host = el('div');
    this.board = new Board(host);
    this.value = new ValueBar(true);
    this.words = [el('span'), el('span'), el('span')];
    const button = (kind, label, to) => stepButton(kind, label, () => this.go(to()));
    this.where = el('output', { 'aria-live': 'polite' }, '–');
    const steps = el('div.steps', { role: 'group', 'aria-label': 'Step through the game' },
      button('start', 'To the start (Home)', () => 0), button('back', 'Back (left arrow)', () => this.ply - 1),
      this.where, button('on', 'On (right arrow)', () => this.ply + 1), button('end', 'To the end (End)', () => Infinity));
    this.left = el('div', {}, host, this.value.bar, el('div.value-words', {}, ...this.words), steps);

    this.about = el('h3', {}, 'No game is chosen');
    this.aboutMore = el('p.soft.small');
    this.sgf = el('a.button', { download: '' }, 'SGF');
    this.sgf.hidden = true;
    const winrate = el('figure'), score = el('figure');
    const overMoves = { height: 150, x: 'count', xName: 'after move', onPick: (x) => this.go(x) };
    this.winrate = new Chart(winrate, { ...overMoves, title: 'Chances over moves', range: [0, 1], format: (v) => percent(v) });
    this.score = new Chart(score, { ...overMoves, title: 'Score over moves', format: (v) => signed(v) });
    this.scoreHost = score;
    this.showPolicy = true;
    this.showOwner = false;
    this.ownerBox = check('who owns what at the end', false, (on) => {
      this.showOwner = on;
      this.draw();
    });
    this.thought = el('h3', {}, 'What the search thought');
    this.thoughtNote = el('p.soft.small');
    this.thoughts = el('tbody');
    const thoughtTable = el('table', {}, el('caption.unseen', {}, 'Most likely moves'), this.thoughts);
    const toggles = el('div.toggles', {}, check('policy on the board', true, (on) => {
      this.showPolicy = on;
      this.draw();
    }), this.ownerBox);
    this.desk = el('div.desk', {}, this.left, el('div.stack', {},
      el('div.between', {}, el('div', {}, this.about, this.aboutMore), this.sgf), toggles, winrate, score, el('div', {}, this.thought, this.thoughtNote, thoughtTable)));
    this.desk.hidden = true;
    return [el('h2', {}, 'Stored games'),
      el('div.stack', {},
        el('div.filters', {}, field('Played by the net of step', this.net), field('Result', this.result)),
        el('div.list', { tabIndex: -1 }, table), el('div.between', {}, this.listNote, this.more), this.desk)];
  }

  shown() {
    this.showLive();
    if (!this.rows.length) this.list();
    else this.topUp();
    this.winrate.draw();
    this.score.draw();
  }

  reset() {
    this.rows = [];
    this.record = null;
    this.desk.hidden = true;
    this.liveHost.replaceChildren();
    this.minis = [];
    this.net.value = this.result.value = '';
    if (!this.section.hidden) this.shown();
  }

  // --- Being played --------------------------------------------------------------------------------

  showLive() {
    const data = this.runs.current == null ? null : this.runs.of(this.runs.current), live = data && data.live;
    const games = live && live.wall != null && (live.age == null || live.age < 120) ? live.games.slice(0, SLOTS) : [];
    const words = 'Warm circles are where the search wants to play; the bar is its judgement.';
    say(this.liveNote, games.length ? `By the net of step ${number(live.step)}. ${words}` : 'No game is being played now.');
    this.liveHost.classList.toggle('large', games.some((g) => g.game.width > 11));
    while (this.minis.length > games.length) this.minis.pop().host.remove();
    games.forEach((g, i) => {
      const mini = this.minis[i] ||= this.newMini();
      const heat = heatOf(g.policy);
      const last = g.last && g.last.point != null ? placed(g.game, g.last) : null;
      mini.board.show({ ...boardOf(g.game, g.cells), last, heat });
      mini.value.show(g.game, g.winrate, g.draw);
      say(mini.left, `Move ${g.ply}`);
      say(mini.right, g.winrate == null ? '' : `${side(g.game, 'b')} ${percent(g.winrate)}`);
    });
  }

  newMini() {
    const boardHost = el('div'), value = new ValueBar(), left = el('span'), right = el('span');
    const host = el('div.mini', {}, boardHost, value.bar, el('p', {}, left, right));
    this.liveHost.append(host);
    return { host, board: new Board(boardHost, { mini: true }), value, left, right };
  }

  // --- The list ------------------------------------------------------------------------------------

  async list(before) {
    const id = this.runs.current;
    if (id == null) {
      say(this.listNote, 'This server shows no training.');
      this.more.hidden = true;
      return;
    }
    const query = new URLSearchParams({ count: 50 });
    if (this.net.value) query.set('net', this.net.value);
    if (this.result.value) query.set('result', this.result.value);
    if (before != null) query.set('before', before);
    const ticket = this.ticket = {};
    try {
      const { games, nets, next } = await get(`/api/runs/${id}/games?${query}`);
      if (ticket !== this.ticket) return;
      this.rows = before != null ? this.rows.concat(games) : games;
      this.next = next;
      this.fillList(nets);
      if (!this.record && this.rows.length) this.open((this.rows.find((r) => r.has_moves) || this.rows[0]).index);
    } catch (error) {
      say(this.listNote, error.message);
    }
  }

  // New games come on top while the list is at its beginning and nobody reads further down.
  topUp() {
    if (!this.rows.length || this.rows.length <= 50) this.list();
  }

  fillList(nets) {
    const o = this.runs.of(this.runs.current).overview, brief = this.runs.list.find((r) => r.id === this.runs.current);
    const game = this.game = (o || brief).game;
    setOptions(this.net, [['', 'all'], ...[...nets].reverse().map((n) => [n, number(n)])]);
    const won = (letter) => [letter, `${side(game, letter)} won`];
    setOptions(this.result, [['', 'all'], won('b'), won('w'), ['draw', 'drawn']]);
    const focused = this.body.contains(document.activeElement) ? document.activeElement.dataset.index : null;
    this.body.replaceChildren(...this.rows.map((r) => {
      const chosen = this.record && this.record.index === r.index;
      const row = el('tr', { tabIndex: chosen ? 0 : -1, 'aria-selected': String(Boolean(chosen)) },
        el('td.n', {}, number(r.index)), el('td.n', {}, number(r.net)),
        el('td', {}, resultWords(game, r.result, r.score)), el('td.n', {}, number(r.plies)), el('td', {}, `${r.width}×${r.height}${r.has_moves ? '' : ', moves gone'}`));
      row.dataset.index = r.index;
      row.onclick = () => this.open(r.index);
      return row;
    }));
    if (this.body.firstChild && !this.body.querySelector('[tabindex="0"]')) this.body.firstChild.tabIndex = 0;
    if (focused) this.body.querySelector(`[data-index="${focused}"]`)?.focus();
    this.more.hidden = this.next == null;
    say(this.listNote, this.rows.length ? 'The newest come first. Choose one to step through it.'
      : 'No such game is stored.');
  }

  listKey(event) {
    const row = event.target.closest('tr');
    const to = { ArrowUp: row.previousElementSibling, ArrowDown: row.nextElementSibling }[event.key];
    if (event.key === 'Enter' || event.key === ' ') this.open(Number(row.dataset.index));
    else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') to?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // --- One game ------------------------------------------------------------------------------------

  async open(index) {
    const id = this.runs.current;
    try {
      const record = await get(`/api/runs/${id}/games/${index}`);
      if (id !== this.runs.current) return;
      this.record = record;
    } catch (error) {
      say(this.listNote, error.message);
      return;
    }
    const r = this.record, game = r.game;
    for (const row of this.body.children) {
      const chosen = Number(row.dataset.index) === index;
      row.setAttribute('aria-selected', String(chosen));
      row.tabIndex = chosen ? 0 : -1;
    }
    this.desk.hidden = false;
    say(this.about, `Game ${number(index)}: ${resultWords(game, r.result, r.score)}`);
    const n = r.opening_plies;
    const opening = n ? ` The first ${n === 1 ? 'move was' : `${n} moves were`} drawn at random.` : '';
    const what = [boardName(game), gameWords(game)].filter(Boolean).join(', ');
    say(this.aboutMore, `${what}; the net of step ${number(r.net)} against itself.${opening}`);
    this.sgf.hidden = !r.has_sgf && r.has_sgf != null;
    this.sgf.href = `/api/runs/${id}/games/${index}.sgf`;
    this.sgf.download = `game${index}.sgf`;
    this.ownerBox.hidden = !r.ownership;
    this.scoreHost.hidden = !game.has_score;
    this.go(Math.min(r.plies.length, r.opening_plies + 1));
  }

  go(ply) {
    if (!this.record) return;
    this.ply = Math.max(0, Math.min(this.record.plies.length, ply));
    this.draw();
  }

  draw() {
    const r = this.record;
    if (!r) return;
    const game = r.game, last = this.ply ? r.plies[this.ply - 1] : null, next = r.plies[this.ply] || null;
    const owner = this.showOwner && r.ownership ? r.ownership : null;
    this.board.show({
      ...boardOf(game, last ? last.cells : r.start),
      last: last && last.point != null ? placed(game, last) : null,
      heat: this.showPolicy && next && !owner ? heatOf(next.policy) : null,
      owner,
    });
    // The values of a ply are of the search that chose it, so they judge the position before it.
    const judged = next && next.winrate != null ? next : null;
    const ended = this.ply === r.plies.length;
    if (judged || !ended) this.value.show(game, judged ? judged.winrate : null, judged ? judged.draw : null);
    else this.value.show(game, { b: 1, w: 0, draw: 0.5 }[r.result], 0);
    const words = judged ? chances(game, judged.winrate, judged.draw, judged.score)
      : ['', ended ? resultWords(game, r.result, r.score) : 'nothing was thought here', ''];
    this.words.forEach((span, i) => say(span, words[i]));
    say(this.where, `${this.ply} / ${r.plies.length}${last ? ` ${last.move}` : ''}`);
    this.think(game, next);
    const of = (f) => r.plies.map((p, i) => ({ x: i, y: f(p) })).filter((p) => p.y != null);
    const marker = { marker: this.ply, empty: 'No search judged this game.' };
    this.winrate.show([{ name: side(game, 'b'), tone: 0, points: of((p) => p.winrate) }], marker);
    if (!game.has_score) return;
    const scores = of((p) => p.winrate == null ? null : p.score);
    this.score.show([{ name: `${side(game, 'b')} ahead by`, tone: 1, points: scores }], marker);
  }

  think(game, next) {
    const kinds = {
      full: 'A full search', fast: 'A fast search; it gives values alone', free: 'No search: this move was drawn at random',
    };
    say(this.thoughtNote, next ? `${kinds[next.kind] || next.kind}. Played: ${next.move}.` : 'The game is over here.');
    const moves = next && next.policy ? likely(game, next.policy, next.policy_other, 6) : [];
    this.thoughts.replaceChildren(...moves.map((m) => {
      const bar = el('i');
      bar.style.width = `${100 * m.p}%`;
      return el('tr', {}, el('th', { scope: 'row' }, m.name), el('td.n', {}, percent(m.p, 1)),
        el('td', {}, el('div.weigh', {}, bar)));
    }));
  }

  key(event) {
    if (this.section.hidden || !this.record || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target.closest('input:not([type=checkbox]), select, textarea, .plot, tbody')) return;
    const to = { ArrowLeft: this.ply - 1, ArrowRight: this.ply + 1, Home: 0, End: Infinity }[event.key];
    if (to == null) return;
    event.preventDefault();
    this.go(to);
  }
}
