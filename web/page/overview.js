// What a run learns, how far it is and how strong it has become.

import { check, el, say, select, setOptions } from './dom.js';
import { Chart, duration, number } from './charts.js';
import { boardName, count, gameWords, percent } from './words.js';

const SHARES = [['selfplay_share', 'self-play', 1], ['training_share', 'training', 0]];
const LOSSES = [
  ['value_loss', 'value', 0], ['short_value_loss', 'value soon', 2], ['score_loss', 'score', 1],
  ['ownership_loss', 'ownership', 3],
];

const UNIT = 'Elo, with intervals of 95 %';
const FIGURES = [
  ['strength', 'Strength now'], ['games', 'Games played'], ['step', 'Training steps'], ['speed', 'Speed'], ['net', 'Net'],
];

// Whether an interval is narrow enough to be a figure, by the same bound as the program's log.
const tells = (e) => e.low != null && e.high != null && e.high - e.low <= 1000;

export class Overview {
  constructor(section, runs) {
    this.runs = runs;
    this.section = section;
    this.title = el('h1', { id: 'overview-title' }, 'Tengen');
    this.name = el('p.soft');
    this.choice = select([], null, (id) => runs.choose(Number(id)));
    this.choice.setAttribute('aria-label', 'The run that is shown');
    this.choice.hidden = true;
    this.lead = el('p.lead');
    this.fill = el('i');
    this.bar = el('div.progress', {
      role: 'progressbar', 'aria-label': 'How much of the plan is done', 'aria-valuemin': '0', 'aria-valuemax': '100',
    }, this.fill);
    this.figures = el('dl.figures');
    this.figure = {};
    for (const [key, name] of FIGURES) {
      const value = el('span', {}, '–'), more = el('span.more', {}, '\u00a0');
      this.figure[key] = { value, more };
      this.figures.append(el('div.figure', {}, el('dt', {}, name), el('dd', {}, value, more)));
    }
    this.sentences = el('div.sentences');
    this.others = el('div.runs', { role: 'group', 'aria-label': 'Runs in the plots' });
    this.others.hidden = true;
    // Plots appear with their data, so that nothing below moves when words come first.
    const charts = this.charts = el('div.charts');
    charts.hidden = true;
    section.append(el('div.head', {}, el('div', {}, this.title, this.name), this.choice), this.lead, this.bar,
      this.figures, this.sentences, charts);
    const chart = (wide, options) => {
      const host = el(wide ? 'figure.wide' : 'figure');
      charts.append(host);
      return new Chart(host, options);
    };
    charts.append(el('div.wide', {}, this.others));
    this.elo = chart(true, {
      title: 'Strength over training time', unit: UNIT, height: 300, clamp: true, format: (v) => number(v, 0),
    });
    this.policy = chart(false, { title: 'Policy loss', unit: 'nats; dotted: the least possible' });
    this.losses = chart(false, { title: 'Other losses', unit: 'of value, score and ownership' });
    this.evaluations = chart(false, { title: 'Evaluations', unit: 'a second', zero: true });
    this.rate = chart(false, { title: 'Games', unit: 'a second', zero: true });
    this.time = chart(false, { title: 'How time is shared', stacked: true, format: (v) => percent(v) });
    this.length = chart(false, { title: 'Length of games', unit: 'moves', zero: true });
    for (const kind of ['overview', 'list', 'chosen']) runs.addEventListener(kind, () => this.words());
    runs.addEventListener('metrics', () => this.soon());
    runs.addEventListener('elo', () => this.soon());
  }

  // Plots are drawn at most once a frame, and only while they are seen.
  soon() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      if (!this.section.hidden) this.plots();
    });
  }

  shown() {
    this.words();
    this.plots();
  }

  words() {
    const { runs } = this, id = runs.current;
    this.choice.hidden = runs.list.length < 2;
    setOptions(this.choice, runs.list.filter((r) => !r.error).map((r) => [r.id, r.name]), id);
    this.listOthers();
    if (id == null && !runs.asked) return;
    if (id == null) {
      const broken = runs.list.find((r) => r.error);
      say(this.title, 'No run yet');
      say(this.lead, broken ? `${broken.name}: ${broken.error}`
        : 'This server shows no training. You can play against its nets.');
      for (const part of [this.bar, this.figures, this.sentences]) part.hidden = true;
      return;
    }
    for (const part of [this.bar, this.figures, this.sentences]) part.hidden = false;
    const data = runs.of(id), o = data.overview, brief = runs.list.find((r) => r.id === id);
    const game = o ? o.game : brief && brief.game;
    if (game) say(this.title, boardName(game));
    say(this.name, [o ? o.name : brief ? brief.name : '', game ? gameWords(game) : ''].filter(Boolean).join(' · '));
    if (!o) {
      say(this.lead, data.error || 'Reading the run.');
      return;
    }
    say(this.lead, this.progress(o));
    const done = o.progress == null ? null : Math.min(1, o.progress);
    this.bar.hidden = done == null;
    this.fill.style.width = `${100 * (done || 0)}%`;
    this.bar.setAttribute('aria-valuenow', String(Math.round(100 * (done || 0))));
    this.fillFigures(o);
    const said = [];
    if (o.plan && o.plan.text) said.push(['Plan', o.plan.text]);
    if (o.expect) said.push(['', o.expect[0].toUpperCase() + o.expect.slice(1)]);
    if (o.best && o.best.step) {
      const { elo, low, high, rated_games: rated } = o.best;
      const words = elo != null && rated && tells({ low, high }) ? `, rated ${number(elo, 0)} (${number(low, 0)} to ${number(high, 0)})` : '';
      said.push(['Best net', `that of step ${number(o.best.step)}${words}`]);
    }
    if (o.from) said.push(['Began with', o.from]);
    const stronger = this.stronger(data.elo);
    if (stronger) said.push(['Surely stronger than', stronger]);
    const key = JSON.stringify(said);
    if (key !== this.said) {
      this.said = key;
      const sentence = ([name, text]) => el('p', {}, name ? el('span.soft', {}, `${name}: `) : null, text);
      this.sentences.replaceChildren(...said.map(sentence));
    }
  }

  progress(o) {
    const date = o.began && new Date(o.began * 1000).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
    const began = date ? ` Begun ${date}.` : '';
    const spent = duration(o.seconds || 0);
    if (o.state === 'new') return 'The training has just begun; nothing is stored yet.';
    if (o.state === 'training' && !(o.progress >= 1)) {
      const left = o.seconds_left > 0 ? `, about ${duration(o.seconds_left)} left` : '';
      const part = o.progress != null ? ` (${percent(o.progress)} of the plan)` : '';
      return `Learning for ${spent}${left}${part}.${began}`;
    }
    if (o.progress >= 0.995) return `The training has ended after ${spent}.${began}`;
    const part = o.progress != null ? `, ${percent(o.progress)} of its plan` : '';
    return `Nothing is learning now. This run has learned for ${spent}${part}.${began}`;
  }

  fillFigures(o) {
    const put = (key, value, more) => {
      say(this.figure[key].value, value);
      say(this.figure[key].more, more || '\u00a0');
    };
    const s = this.told(o);
    if (s) {
      put('strength', `${number(s.elo, 0)} Elo`, `95 % interval ${number(s.low, 0)} to ${number(s.high, 0)}${s.of || ''}`);
    } else put('strength', '–', o.strength ? 'too few rated games to say' : 'not rated yet');
    put('games', number(o.games, 0), `${count(o.plies)} moves`);
    put('step', number(o.step, 0), `${count(o.samples)} positions learned from`);
    const speed = this.latest(this.speed(o.id)), games = this.latest(this.runs.rate(o.id, 'games'));
    const rate = games == null ? '' : `, ${number(games)} games a second`;
    if (speed != null) put('speed', number(speed, 0), `evaluations a second${rate}`);
    else put('speed', '–', 'not measured yet');
    if (o.net) {
      put('net', `${o.net.blocks} × ${o.net.channels}`, `blocks × channels; ${count(o.net.parameters)} parameters`);
    } else put('net', '–', 'none yet');
  }

  // The strength to be shown: of the newest checkpoint, or of an older one where the newest has
  // played too few rated games.
  told(o) {
    if (o.strength && o.strength.telling) return o.strength;
    const elo = this.runs.of(o.id).elo;
    const older = elo && elo.has_scale ? this.checkpoints(elo) : [];
    const last = older[older.length - 1];
    return last ? { ...last, of: `; of step ${number(last.step)}` } : null;
  }

  // The rated checkpoints of which enough is known to show it.
  checkpoints(elo) {
    return elo.entries.filter((e) => e.kind === 'checkpoint' && e.elo != null && tells(e)).sort((a, b) => a.seconds - b.seconds);
  }

  latest(points) {
    return points.length ? points[points.length - 1].y : null;
  }

  // Whom the nets have surely passed, from the ladder.
  stronger(elo) {
    if (!elo || !elo.beats) return '';
    return elo.beats.filter((b) => b.checkpoint != null)
      .map((b) => `${elo.entries[b.anchor].name} after ${duration(elo.entries[b.checkpoint].seconds)}`).join('; ');
  }

  listOthers() {
    const { runs } = this, others = runs.list.filter((r) => r.id !== runs.current && !r.error && r.game);
    this.others.hidden = !others.length;
    const key = JSON.stringify([others.map((r) => [r.id, r.name]), [...runs.beside]]);
    if (key === this.othersKey) return;
    this.othersKey = key;
    this.others.replaceChildren(el('span.soft', {}, 'In the plots beside it:'),
      ...others.map((r) => check(r.name, runs.beside.has(r.id), (on) => runs.show(r.id, on))));
  }

  // Evaluations a second of the whole run where that is measured.
  speed(id) {
    const all = this.runs.points(id, 'evaluations_per_s');
    return all.length ? all : this.runs.points(id, 'evaluations');
  }

  plots() {
    const { runs } = this, ids = runs.plotted();
    this.charts.hidden = !ids.length || !runs.of(ids[0]).overview;
    if (this.charts.hidden) return;
    const many = ids.length > 1;
    const name = (id) => many ? runs.list.find((r) => r.id === id)?.name || `run ${id}` : '';
    const each = (points) => ids.map((id, tone) => ({ name: name(id), tone, points: points(id) }));
    this.plotElo(ids, name);
    const untrained = { empty: 'Training has not begun yet.' };
    const of = ([column, text, tone]) => ({ name: text, tone, points: runs.points(ids[0], column) });
    const some = (series) => series.filter((s) => s.points.length);
    const least = { ...of(['policy_entropy', 'least possible', 0]), dashed: true };
    this.policy.show(many ? each((id) => runs.points(id, 'policy_loss'))
      : some([of(['policy_loss', 'policy', 0]), least]), untrained);
    this.losses.show(many ? each((id) => runs.points(id, 'value_loss')) : some(LOSSES.map(of)), untrained);
    this.evaluations.show(each((id) => this.speed(id)));
    this.rate.show(each((id) => runs.rate(id, 'games')));
    this.length.show(each((id) => runs.points(id, 'game_length')));
    const first = SHARES.map(of);
    if (first.every((s) => s.points.length)) {
      const n = Math.min(...first.map((s) => s.points.length));
      first.push({
        name: 'matches and the rest', tone: 5,
        points: first[0].points.slice(0, n).map((p, i) => ({ x: p.x, y: Math.max(0, 1 - p.y - first[1].points[i].y) })),
      });
      this.time.show(first);
    } else this.time.show([]);
    this.time.host.querySelector('.chart-unit').textContent = many ? name(ids[0]) : 'of the training';
    if (!this.section.hidden) this.words();
  }

  plotElo(ids, name) {
    const { runs } = this, key = (id) => {
      const o = runs.of(id).overview;
      return o ? `${o.game.name} ${o.game.height} ${o.game.width} ${o.game.komi} ${o.game.rules}` : '';
    };
    // Ratings of different games are no numbers of one scale.
    const same = ids.filter((id) => key(id) === key(ids[0]));
    const lines = new Map();
    const series = same.map((id, i) => {
      const elo = runs.of(id).elo, entries = elo ? elo.entries : [];
      for (const e of entries) if (e.kind === 'anchor' && e.elo != null && !lines.has(e.name)) lines.set(e.name, e.elo);
      return {
        name: name(id), tone: ids.indexOf(id), marks: true,
        points: elo ? this.checkpoints(elo).map((e) => ({ x: e.seconds, y: e.elo, low: e.low, high: e.high })) : [],
      };
    });
    this.elo.show(series, { lines: [...lines].map(([n, y]) => ({ name: n, y })), empty: 'No net has played enough rated games yet.' });
    const elo = runs.of(ids[0]).elo;
    const unit = elo && elo.has_scale && elo.scale ? `${UNIT}; ${elo.scale}` : UNIT;
    this.elo.host.querySelector('.chart-unit').textContent = unit;
  }
}
