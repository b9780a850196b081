// A game against a net, or an analysis of any position. All that is known about the game comes from
// the server; this shows it and sends what the visitor wants.

import { get, listen, post } from './api.js';
import { Board, boardOf, placed } from './boards.js';
import { Chart, number } from './charts.js';
import { check, el, field, say, select, setOptions, stepButton } from './dom.js';
import { ValueBar, boardName, chances, gameWords, percent, resultWords, side, signed } from './words.js';

const HINTS = 6; // Moves marked on the board; more hide it.
const ANALYSIS_VISITS = 3000; // Of an analysis beside a game; chosen, some seconds on a processor.

// The place of a move's text on a board whose points have names of their own.
function pointOf(game, text) {
  const parts = /^([a-z])(\d+)$/i.exec(text);
  if (!parts || game.moves_pieces) return null;
  const x = game.columns.findIndex((c) => c.toLowerCase() === parts[1].toLowerCase()), y = game.rows.indexOf(parts[2]);
  return x < 0 || y < 0 ? null : { y, x };
}

export class Play {
  constructor(section, runs) {
    this.runs = runs;
    this.section = section;
    this.session = null;
    this.values = new Map(); // Of a number of moves: what was thought there.
    this.view = null; // The number of moves after which the game is shown; null: as it stands.
    this.wanted = null; // The same for a position that was asked for and has not come yet.
    this.line = null;
    this.heard = 0; // Events about the game so far.
    this.marks = { policy: false, owner: false, moves: true };
    this.trouble = el('p.note.bad', { role: 'alert' });
    section.append(el('h1', { id: 'play-title' }, 'Play'), this.trouble, this.makeSetup(), this.makeDesk());
    document.addEventListener('keydown', (e) => this.key(e));
  }

  // Does something that may fail, and says why it did.
  async attempt(work) {
    try {
      say(this.trouble, '');
      return await work();
    } catch (error) {
      say(this.trouble, error.message);
      if (error.status === 404 && this.session) this.leave();
      return null;
    }
  }

  async shown() {
    if (!this.models) {
      await this.attempt(async () => {
        const answer = await get('/api/models');
        this.models = answer.models;
        this.limits = answer;
        this.fillSetup();
      });
      const id = this.remembered();
      if (id) get(`/api/play/${id}`).then((s) => this.enter(s), () => this.remember(''));
    }
    this.chart.draw();
  }

  remembered() {
    try {
      return sessionStorage.getItem('play') || '';
    } catch {
      return '';
    }
  }

  remember(id) {
    try {
      sessionStorage.setItem('play', id);
    } catch { /* Then a page that is loaded again begins anew. */ }
  }

  // --- Before a game -------------------------------------------------------------------------------

  makeSetup() {
    this.game = select([], null, () => this.fillModels());
    this.model = select([], null, () => this.fillModel());
    this.checkpoint = select([]);
    this.size = select([]);
    this.colour = select([['b', ''], ['w', ''], ['random', 'by lot'], ['both', 'both sides, to analyse']], 'b');
    this.level = select([], null, () => this.visitsField.hidden = this.level.value !== 'visits');
    this.visits = el('input', { type: 'number', min: 0, max: 20000, step: 1, value: '400' });
    this.komi = el('input', { type: 'number', step: 0.5, placeholder: 'fair' });
    this.rules = select([]);
    this.handicap = select([]);
    this.sgfFile = el('input.unseen', { type: 'file', accept: '.sgf', tabIndex: -1, 'aria-hidden': 'true' });
    this.sgfFile.onchange = () => this.loadFile();
    const open = el('button', { type: 'button', onclick: () => this.sgfFile.click() }, 'Open an SGF file');
    this.start = el('button.main', { type: 'submit' }, 'Begin');
    this.checkpointField = field('Checkpoint', this.checkpoint);
    this.visitsField = field('Visits a move (0: the net alone)', this.visits);
    this.visitsField.hidden = true;
    this.komiField = field('Komi', this.komi);
    this.rulesField = field('Rules', this.rules);
    this.handicapField = field('Handicap stones', this.handicap);
    this.resigns = el('input', { type: 'checkbox' });
    this.learned = el('p.soft.small');
    this.setup = el('form.setup', { onsubmit: (e) => {
      e.preventDefault();
      this.begin();
    } },
    el('div.grid', {}, field('Game', this.game), field('Against', this.model), this.checkpointField,
      field('You play', this.colour), field('Strength', this.level), this.visitsField),
    el('div.grid', {}, field('Board', this.size), this.komiField, this.rulesField, this.handicapField),
    this.learned,
    el('div.row', {}, this.start, open, this.sgfFile, el('label.choice', {}, this.resigns, 'it resigns when it is lost')));
    return this.setup;
  }

  fillSetup() {
    const games = [...new Map(this.models.map((m) => [m.game, m.title]))];
    if (!games.length) {
      say(this.trouble, 'There is no net to play against yet. Wait until the training has stored one.');
      this.setup.hidden = true;
      return;
    }
    this.setup.hidden = Boolean(this.session);
    const current = this.runs.list.find((r) => r.id === this.runs.current);
    setOptions(this.game, games, current && current.game ? current.game.name : 'go');
    this.visits.max = this.limits.max_visits;
    this.fillModels();
  }

  fillModels() {
    const of = this.models.filter((m) => m.game === this.game.value);
    const sources = { run: 'a run', file: 'a file', shipped: 'comes with Tengen' };
    // One's own net first; of those that come with the program the one of the largest board.
    const first = of.find((m) => m.source !== 'shipped') || of[of.length - 1];
    const kept = of.some((m) => m.id === this.model.value) ? this.model.value : first.id;
    setOptions(this.model, of.map((m) => [m.id, `${m.name} (${sources[m.source] || m.source})`]), kept);
    this.fillModel();
  }

  fillModel() {
    const m = this.chosen = this.models.find((x) => x.id === this.model.value);
    const d = m.defaults, sized = (h, w) => `${h} ${w}`;
    const points = (m.checkpoints || []).slice().reverse();
    const pointName = (c) => `step ${number(c.step)}${c.is_best ? ', the best' : ''}`;
    setOptions(this.checkpoint, [[m.id, 'the best'], ...points.map((c) => [c.id, pointName(c)])]);
    this.checkpointField.hidden = !points.length;
    setOptions(this.size, m.sizes.map(([h, w]) => [sized(h, w), `${w}×${h}`]), sized(d.height, d.width));
    const named = { name: m.game };
    setOptions(this.colour, [['b', `${side(named, 'b')}, who begins`], ['w', side(named, 'w')], ['random', 'by lot'],
      ['both', 'both sides, to analyse']]);
    const levelName = (l) => [`${l.level}: ${l.text}`, l.elo != null ? `about ${number(l.elo, 0)} Elo` : '', l.rank || '']
      .filter(Boolean).join(', ');
    setOptions(this.level, [...m.levels.map((l) => [l.level, levelName(l)]), ['visits', 'by visits']],
      m.levels.length ? Math.min(5, m.levels.length) : 'visits');
    this.visitsField.hidden = this.level.value !== 'visits';
    this.komi.placeholder = d.komi != null ? String(d.komi) : '';
    this.komi.value = '';
    this.komiField.hidden = !m.has_komi;
    setOptions(this.rules, m.rules.map((r) => [r, r]), d.rules);
    this.rulesField.hidden = m.rules.length < 2;
    const stones = Array.from({ length: Math.max(0, (m.max_handicap || 0) - 1) }, (_, i) => [i + 2, String(i + 2)]);
    setOptions(this.handicap, [[0, 'none'], ...stones], 0);
    this.handicapField.hidden = !m.has_handicap;
    const boardLearned = (l) => `${l.width}×${l.height}${l.rules && l.rules !== 'standard' ? ` by ${l.rules} rules` : ''}`;
    const learned = [...new Set((m.learned || []).map(boardLearned))].join(', ');
    say(this.learned, [learned && `This net has learned ${learned}.`, m.strength].filter(Boolean).join(' '));
  }

  wish() {
    const m = this.chosen, [height, width] = this.size.value.split(' ').map(Number);
    const wish = { model: this.checkpoint.value || m.id, colour: this.colour.value, height, width };
    if (!this.resigns.checked) wish.resign = 0;
    if (this.level.value === 'visits') wish.visits = Number(this.visits.value);
    else wish.level = Number(this.level.value);
    if (m.has_komi && this.komi.value !== '') wish.komi = Number(this.komi.value);
    if (m.rules.length > 1) wish.rules = this.rules.value;
    if (m.has_handicap && Number(this.handicap.value)) wish.handicap = Number(this.handicap.value);
    return wish;
  }

  async begin() {
    this.start.disabled = true;
    await this.attempt(async () => this.enter(await post('/api/play', this.wish()), true));
    this.start.disabled = false;
  }

  async loadFile() {
    const file = this.sgfFile.files[0];
    this.sgfFile.value = '';
    if (!file) return;
    await this.attempt(async () => {
      if (file.size > 1000000) throw new Error(`${file.name}: larger than a megabyte`);
      const sgf = await file.text();
      const s = this.session || await post('/api/play', { ...this.wish(), colour: 'both' });
      if (!this.session) this.enter(s);
      await this.send('load', { sgf, ply: null });
    });
  }

  // --- The game ------------------------------------------------------------------------------------

  makeDesk() {
    const host = el('div');
    this.board = new Board(host, { onMove: (move) => this.move(move) });
    this.value = new ValueBar(true);
    this.words = [el('span'), el('span'), el('span')];
    this.status = el('p.said', { role: 'status' });
    const button = (text, work, label) => el('button', { type: 'button', title: label, onclick: work }, text);
    const step = (kind, label, to) => stepButton(kind, label, () => this.look(to()));
    this.where = el('output', { 'aria-live': 'polite' });
    const steps = el('div.steps', { role: 'group', 'aria-label': 'Look back' },
      step('start', 'To the start (Home)', () => 0), step('back', 'Back (left arrow)', () => this.at() - 1),
      this.where, step('on', 'On (right arrow)', () => this.at() + 1),
      step('end', 'To the present (End)', () => Infinity));
    this.pointless = el('span.row');
    this.buttons = {
      undo: button('Undo', () => this.send('undo'), 'Take back (U)'),
      hint: button('Hint', () => this.hint(), 'What would it play? (H)'),
      go: button('Swap sides', () => this.send('go'), 'The program plays for you, and you for it'),
      count: button('Count', () => this.send('count'), 'End the game and count it'),
      resign: button('Resign', () => this.resign(), 'Give up this game'),
    };
    this.input = el('input', { type: 'text', autocomplete: 'off', spellcheck: false, maxLength: 12 });
    this.input.autocapitalize = 'off';
    const typed = el('form.row', { onsubmit: (e) => {
      e.preventDefault();
      if (this.input.value.trim()) this.move(this.input.value.trim());
      this.input.value = '';
    } }, field('Type a move', this.input), el('button', { type: 'submit' }, 'Play it'));
    typed.className = 'row typed';
    this.about = el('h2');
    this.aboutMore = el('p.soft.small');
    this.note = el('p.note');
    this.sgf = el('a.button', { download: 'game.sgf' }, 'Save SGF');
    const mark = (key) => (on) => {
      this.marks[key] = on;
      this.draw();
    };
    this.following = check('analyse while I play', false, (on) => this.follow(on));
    this.ownerBox = check('who owns what', false, mark('owner'));
    this.best = el('tbody');
    this.best.addEventListener('pointerover', (e) => this.showLine(e.target.closest('tr')));
    this.best.addEventListener('pointerleave', () => this.showLine(null));
    this.best.addEventListener('focusin', (e) => this.showLine(e.target.closest('tr')));
    this.best.addEventListener('focusout', () => this.showLine(null));
    this.thought = el('p.soft.small');
    const head = (name, tag = 'th.n') => el(tag, { scope: 'col' }, name);
    this.winsHead = head('Wins');
    this.scoreHead = head('Score');
    this.bestTable = el('table', {}, el('caption.unseen', {}, 'Best moves found'), el('thead', {}, el('tr', {},
      head('Move', 'th'), this.winsHead, this.scoreHead, head('Visits'), head('Then', 'th'))), this.best);
    const figure = el('figure');
    this.chart = new Chart(figure, {
      title: 'Chances over moves', height: 130, x: 'count', xName: 'after move', range: [0, 1],
      format: (v) => percent(v), onPick: (x) => this.look(x),
    });
    this.moves = el('ol.moves', { 'aria-label': 'Moves' });
    this.desk = el('div.desk', {}, this.status,
      el('div', {}, host, this.value.bar, el('div.value-words', {}, ...this.words), steps),
      el('div.stack', {},
        el('div.between', {}, el('div', {}, this.about, this.aboutMore),
          el('div.row', {}, this.sgf, button('New game', () => this.leave()))),
        this.note,
        el('div.row', { role: 'group', 'aria-label': 'This game' }, this.pointless, ...Object.values(this.buttons)),
        typed,
        el('div.toggles', {}, this.following, check('best moves', true, mark('moves')),
          check('policy', false, mark('policy')), this.ownerBox),
        el('div', {}, this.thought, el('div.list', {}, this.bestTable)),
        figure, el('div', {}, el('h3', {}, 'Moves'), this.moves)));
    this.desk.hidden = true;
    return this.desk;
  }

  enter(session, focus) {
    this.stop?.();
    this.values.clear();
    this.view = null;
    this.remember(session.id);
    this.setup.hidden = true;
    this.desk.hidden = false;
    this.session = null;
    this.take(session);
    this.stop = listen(`/api/play/${session.id}/events`, {
      session: (s) => {
        this.heard++;
        this.take(s);
      },
      analysis: (a) => this.hear(a),
    }, (state) => {
      if (state === 'gone') get(`/api/play/${session.id}`).catch((e) => e.status === 404 && this.lost());
    });
    if (focus) this.board.svg.focus();
  }

  lost() {
    this.leave();
    say(this.trouble, 'The server has forgotten this game, as it does after half an hour without a visitor or when it is started anew.');
  }

  leave() {
    const id = this.session?.id;
    this.stop?.();
    this.session = null;
    this.following.firstChild.checked = false;
    this.remember('');
    this.desk.hidden = true;
    this.setup.hidden = false;
    if (id) post(`/api/play/${id}/delete`).catch(() => {});
  }

  // A newer state of the game.
  take(s) {
    const before = this.session;
    if (before && s.id !== before.id) return;
    this.session = s;
    const ply = s.position.ply;
    if (!before || before.position.ply !== ply || before.moves.length > s.moves.length) {
      this.view = this.wanted = null;
      for (const at of [...this.values.keys()]) if (at > ply) this.values.delete(at);
    }
    s.moves.forEach((m, i) => {
      if (m.winrate != null && !this.values.has(i)) this.values.set(i, { winrate: m.winrate, draw: 0 });
    });
    if (s.analysis) this.hear(s.analysis, true);
    this.draw();
    this.fill();
    const key = `${s.id} ${ply} ${s.state}`;
    if (this.following.firstChild.checked && s.state === 'yours' && key !== this.followed) {
      this.followed = key;
      this.analyse({ visits: ANALYSIS_VISITS });
    }
  }

  hear(analysis, quiet) {
    // The newest analysis may be of moves that were taken back.
    if (!this.session || analysis.ply > this.session.moves.length) return;
    this.session.analysis = analysis;
    const old = this.values.get(analysis.ply);
    const better = !old || !old.visits || analysis.visits >= old.visits || analysis.kind !== old.kind;
    if (analysis.winrate != null && better) this.values.set(analysis.ply, analysis);
    if (!quiet) {
      this.draw();
      this.fillAnalysis();
    }
  }

  ply() {
    return this.view == null ? this.session.moves.length : this.view;
  }

  // Where a step begins.
  at() {
    return this.wanted ?? this.ply();
  }

  async look(ply) {
    const s = this.session;
    if (!s) return;
    ply = Math.max(0, Math.min(s.moves.length, ply));
    this.wanted = ply;
    if (ply === s.moves.length) this.view = null;
    else {
      const past = await this.attempt(() => get(`/api/play/${s.id}/ply/${ply}`));
      if (this.wanted !== ply || this.session?.id !== s.id) return; // Another wish came meanwhile.
      if (!past) {
        this.wanted = null;
        return;
      }
      this.view = ply;
      this.past = past.position;
    }
    this.wanted = null;
    this.draw();
    this.fillAnalysis();
    if (this.following.firstChild.checked) this.analyse({ ply, visits: ANALYSIS_VISITS });
  }

  // Events may overtake the answer to a POST, which is then old: so the game is asked for until
  // nothing was heard meanwhile.
  send(verb, body) {
    const s = this.session;
    return this.attempt(async () => {
      let heard = this.heard, answer = await post(`/api/play/${s.id}/${verb}`, body);
      while (heard !== this.heard) {
        heard = this.heard;
        answer = await get(`/api/play/${s.id}`);
      }
      this.take(answer);
    });
  }

  move(move) {
    const s = this.session;
    if (!s || this.view != null || this.moving) return;
    if (s.state !== 'yours') {
      say(this.trouble, s.state === 'over' ? 'The game is over.' : 'It is not your move yet.');
      return;
    }
    this.moving = true; // A second click on its way must not be a second move.
    this.send('move', { move }).finally(() => this.moving = false);
  }

  hint() {
    if (this.view != null) this.analyse({ ply: this.view });
    else this.send('hint');
  }

  analyse(body) {
    const s = this.session;
    if (s.state === 'thinking' || s.state === 'counting') return;
    post(`/api/play/${s.id}/analyse`, body).catch((error) => error.status !== 409 && say(this.trouble, error.message));
  }

  follow(on) {
    if (!this.session) return;
    this.followed = '';
    if (on) this.analyse({ ply: this.ply(), visits: ANALYSIS_VISITS });
    else this.analyse({ stop: true });
  }

  async resign() {
    const button = this.buttons.resign;
    if (button.dataset.asked) {
      this.calm();
      await this.send('resign');
      return;
    }
    button.dataset.asked = '1';
    say(button, 'Really resign?');
    setTimeout(() => this.calm(), 4000);
  }

  calm() {
    delete this.buttons.resign.dataset.asked;
    say(this.buttons.resign, 'Resign');
  }

  // --- What is seen --------------------------------------------------------------------------------

  position() {
    return this.view == null ? this.session.position : this.past;
  }

  analysisHere() {
    const a = this.session.analysis;
    return a && a.ply === this.ply() ? a : null;
  }

  draw() {
    const s = this.session;
    if (!s) return;
    const game = s.game, p = this.position(), a = this.analysisHere(), over = s.state === 'over' && this.view == null;
    const mine = s.state === 'yours' && this.view == null;
    const shown = { ...boardOf(game, p.cells), toMove: p.to_move === 'w' ? 1 : 0 };
    if (p.last && p.last.point != null) shown.last = placed(game, p.last);
    shown.legal = mine ? p.legal.filter((m) => m.point != null).map((m) => placed(game, m)) : [];
    if (a && !over) {
      if (this.marks.policy && a.policy) shown.heat = a.policy.map((v) => v || 0);
      if (this.marks.owner && a.ownership) shown.owner = a.ownership;
      // While the program chooses its own move, its thoughts are not shown.
      if (this.marks.moves && a.moves && (a.kind !== 'move' || s.colour === 'both')) shown.hints = this.hintsOf(game, a);
    }
    if (over && s.result) {
      const r = s.result;
      if (r.dead && r.dead.length) {
        shown.dead = new Array(shown.cells.length).fill(0);
        for (const point of r.dead) shown.dead[point] = 1;
      }
      if (r.ownership && r.reason === 'score') shown.owner = r.ownership;
    }
    if (this.line) {
      shown.numbers = this.line;
      shown.hints = null;
    }
    this.board.show(shown);
    this.drawValue(game, p, a);
    say(this.where, `${this.ply()} / ${s.moves.length}`);
  }

  hintsOf(game, a) {
    const most = a.moves.length ? a.moves[0].visits : 0, seen = new Set(), out = [];
    for (const m of a.moves.slice(0, HINTS)) {
      if (m.point == null || seen.has(m.point) || m.visits < most / 100) continue;
      seen.add(m.point);
      const at = placed(game, m);
      const chance = m.winrate == null ? null : this.forMover(a, m.winrate);
      out.push({ y: at.y, x: at.x, best: m === a.moves[0], text: chance == null ? '' : String(Math.round(100 * chance)) });
    }
    return out;
  }

  forMover(a, chance) {
    return a.to_move === 'w' ? 1 - chance : chance;
  }

  drawValue(game, p, a) {
    const s = this.session, at = this.ply();
    // Where nothing was thought yet, what was thought before its move still holds.
    const v = a && a.winrate != null ? a : this.values.get(at) || this.values.get(at - 1);
    if (s.result && this.view == null) {
      this.value.show(game, { b: 1, w: 0, draw: 0.5 }[s.result.winner], 0);
      ['', '', ''].forEach((t, i) => say(this.words[i], t));
      return;
    }
    this.value.show(game, v ? v.winrate : null, v ? v.draw : null);
    const words = v ? chances(game, v.winrate, v.draw, v.score) : ['', '', ''];
    this.words.forEach((span, i) => say(span, words[i]));
  }

  // Everything but the board.
  fill() {
    const s = this.session, game = s.game, p = s.position;
    say(this.about, boardName(game));
    const strength = s.level != null ? `level ${s.level}` : `${number(s.visits)} visits a move`;
    const extra = [gameWords(game), s.handicap ? `${s.handicap} handicap stones` : ''].filter(Boolean).join(', ');
    const who = s.colour === 'both' ? `Analysis with ${s.name}`
      : `You are ${side(game, s.colour)} against ${s.name}, ${strength}`;
    say(this.aboutMore, [who, extra].filter(Boolean).join('; '));
    say(this.note, s.state === 'failed' ? '' : s.note || '');
    this.note.hidden = !this.note.textContent;
    say(this.status, this.statusWords(s));
    this.status.classList.toggle('ended', s.state === 'over');
    const mine = s.state === 'yours', busy = s.state === 'thinking' || s.state === 'counting';
    const pointless = mine ? p.legal.filter((m) => m.point == null) : [];
    const names = game.has_pass ? ['pass'] : pointless.map((m) => m.move);
    const key = names.join();
    if (key !== this.pointless.dataset.key) {
      this.pointless.dataset.key = key;
      this.pointless.replaceChildren(...names.map((name) => el('button', { type: 'button', onclick: () => this.move(name) },
        name[0].toUpperCase() + name.slice(1))));
    }
    [...this.pointless.children].forEach((b, i) => b.disabled = !pointless.some((m) => m.move === names[i]));
    this.buttons.undo.disabled = busy || !s.moves.length;
    this.buttons.hint.disabled = !mine;
    this.buttons.go.disabled = !mine || s.colour === 'both';
    this.buttons.resign.disabled = !mine || s.colour === 'both';
    this.buttons.count.hidden = !(game.has_ownership && game.has_pass && game.name === 'go');
    this.buttons.count.disabled = !mine;
    this.ownerBox.hidden = !game.has_ownership;
    const example = p.legal.find((m) => m.point != null);
    this.input.placeholder = example ? `such as ${example.move}` : '';
    this.input.disabled = !mine;
    this.sgf.href = `/api/play/${s.id}/sgf`;
    this.fillMoves();
    this.fillAnalysis();
  }

  statusWords(s) {
    const game = s.game, last = s.moves[s.moves.length - 1];
    const did = { pass: 'passed', swap: 'swapped' };
    const just = last ? `${side(game, last.by)} ${did[last.move] || `played ${last.move}`}. ` : '';
    if (s.state === 'failed') return s.note || 'This game has failed.';
    if (s.state === 'over' && s.result) {
      const r = s.result;
      const how = r.reason === 'resignation' ? ' by resignation' : '';
      const n = r.dead ? r.dead.length : 0;
      const dead = n ? ` ${n} dead ${n === 1 ? 'stone was' : 'stones were'} taken off.` : '';
      const result = resultWords(game, r.winner, r.reason === 'score' ? r.score : null);
      return `${just}The game is over: ${result}${how}.${dead}`;
    }
    if (s.state === 'thinking') return `${just}It thinks.`;
    if (s.state === 'counting') return `${just}It counts.`;
    const mover = side(game, s.position.to_move);
    return `${just}${s.colour === 'both' ? `${mover} to move.` : `Your move, as ${mover}.`}`;
  }

  fillMoves() {
    const s = this.session;
    const item = (m, i) => el('li', {}, el('span', {}, `${i + 1} `), el('b', {}, m.move));
    this.moves.replaceChildren(...s.moves.map(item));
    this.moves.scrollTop = this.moves.scrollHeight;
  }

  fillAnalysis() {
    const s = this.session;
    if (!s) return;
    const a = this.analysisHere(), game = s.game;
    const secret = a && (a.kind === 'count' || a.kind === 'move' && s.colour !== 'both' && s.state !== 'over');
    const shown = secret ? null : a;
    say(this.winsHead, shown ? `${side(game, shown.to_move)} wins` : 'Wins');
    this.scoreHead.hidden = !game.has_score;
    this.bestTable.parentNode.hidden = !shown || !shown.moves.length;
    say(this.thought, shown ? this.thoughtWords(game, shown)
      : 'Hint and analysis show here what it thinks of the position.');
    if (!shown) this.best.replaceChildren();
    else this.fillBest(game, shown);
    const points = [...this.values].sort((x, y) => x[0] - y[0]).map(([x, v]) => ({ x, y: v.winrate }));
    this.chart.show([{ name: side(game, 'b'), tone: 0, points, marks: true }],
      { marker: this.ply(), empty: 'Nothing is judged yet.' });
  }

  thoughtWords(game, a) {
    const effort = `${number(a.visits)} visits in ${number(a.seconds, 1)} s${a.proven ? '; this is proven' : ''}`;
    return `${a.done ? 'Thought' : 'Thinks'} for ${side(game, a.to_move)}: ${effort}.`;
  }

  // Rows are kept, so that focus and pointer stay where they are while figures change.
  fillBest(game, a) {
    while (this.best.children.length > a.moves.length) this.best.lastChild.remove();
    a.moves.forEach((m, i) => {
      let row = this.best.children[i];
      if (!row) {
        row = el('tr', { tabIndex: 0 }, el('th', { scope: 'row' }), el('td.n'), el('td.n'), el('td.n'), el('td'));
        this.best.append(row);
      }
      const score = m.score == null ? null : a.to_move === 'w' ? -m.score : m.score;
      const wins = m.winrate == null ? null : this.forMover(a, m.winrate);
      const words = [m.move, percent(wins, 1), signed(score), number(m.visits), (m.line || []).slice(1, 7).join(' ')];
      words.forEach((text, k) => say(row.children[k], text));
      row.children[2].hidden = !game.has_score;
    });
  }

  // The best line as numbered stones, where the moves have points of their own.
  showLine(row) {
    const a = this.session && this.analysisHere(), i = row ? [...this.best.children].indexOf(row) : -1;
    const line = a && i >= 0 && a.moves[i] ? a.moves[i].line || [] : [];
    const first = a && a.to_move === 'w' ? 1 : 0, seen = new Set(), out = [];
    line.forEach((text, k) => {
      const at = pointOf(this.session.game, text), name = at && `${at.y} ${at.x}`;
      if (!at || seen.has(name)) return;
      seen.add(name);
      out.push({ ...at, text: String(k + 1), side: (first + k) % 2 + 1 });
    });
    const next = out.length ? out : null;
    if (JSON.stringify(next) === JSON.stringify(this.line)) return;
    this.line = next;
    this.draw();
  }

  key(event) {
    if (this.section.hidden || !this.session || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target.closest('input:not([type=checkbox]), select, textarea, [role=grid], .plot')) return;
    const to = { ArrowLeft: this.at() - 1, ArrowRight: this.at() + 1, Home: 0, End: Infinity }[event.key];
    if (to != null) this.look(to);
    else if (event.key === 'u' && !this.buttons.undo.disabled) this.send('undo');
    else if (event.key === 'h' && !this.buttons.hint.disabled) this.hint();
    else return;
    event.preventDefault();
  }
}
