// What the page knows about the runs: the one that is looked at by events, the others by asking now
// and then. It tells its views by events: 'list', 'overview', 'metrics', 'elo', 'live', 'games',
// 'state' and 'chosen'.

import { get, listen } from './api.js';

const MOST_ROWS = 4000; // Rows of metrics kept for a plot; chosen, more than a plot has pixels.

export class Runs extends EventTarget {
  list = [];
  data = new Map(); // Of a run's id: {overview, metrics, elo, live, newest}.
  current = null;
  beside = new Set(); // Runs that are plotted beside the current one.
  state = 'connecting';
  asked = false; // Whether the list has come once.

  tell(kind, id) {
    this.dispatchEvent(new CustomEvent(kind, { detail: { id } }));
  }

  of(id) {
    if (!this.data.has(id)) this.data.set(id, { overview: null, metrics: null, elo: null, live: null });
    return this.data.get(id);
  }

  async start() {
    await this.refresh();
    setInterval(() => document.hidden || this.refresh().then(() => this.refreshBeside()).catch(() => {}), 10000);
  }

  async refresh() {
    this.list = (await get('/api/runs')).runs;
    this.asked = true;
    this.tell('list');
    if (this.current == null || !this.list.some((r) => r.id === this.current)) {
      const first = this.list.find((r) => r.state === 'training') || this.list.find((r) => !r.error);
      if (first) this.choose(first.id);
    }
  }

  choose(id) {
    if (id === this.current) return;
    this.current = id;
    this.beside.delete(id);
    this.stop?.();
    const data = this.of(id), path = `/api/runs/${id}`;
    data.metrics = null;
    this.tell('chosen', id);
    this.catchUp(id);
    this.stop = listen(`${path}/events`, {
      overview: (overview) => {
        data.overview = overview;
        this.tell('overview', id);
      },
      metrics: (metrics) => this.addMetrics(id, metrics),
      elo: () => this.fetchElo(id),
      games: (event) => {
        data.newest = event.newest;
        this.tell('games', id);
      },
      live: (live) => {
        data.live = live;
        this.tell('live', id);
      },
    }, (state) => {
      const was = this.state;
      this.state = state;
      this.tell('state', id);
      if (state === 'live' && was === 'gone') this.catchUp(id);
    });
  }

  show(id, shown) {
    if (shown) this.beside.add(id);
    else this.beside.delete(id);
    if (shown) this.catchUp(id);
    else this.tell('metrics', id);
  }

  // The runs in the plots, the current one first.
  plotted() {
    return this.current == null ? [] : [this.current, ...this.beside];
  }

  refreshBeside() {
    return Promise.all([...this.beside].map((id) => this.catchUp(id)));
  }

  async catchUp(id) {
    const data = this.of(id), after = data.metrics ? data.metrics.last : 0;
    try {
      const path = `/api/runs/${id}`;
      const [overview, metrics] = await Promise.all([get(path), get(`${path}/metrics?after=${after}`)]);
      data.overview = overview;
      this.tell('overview', id);
      this.addMetrics(id, metrics, true, after === 0);
      await this.fetchElo(id);
    } catch (error) {
      data.error = error.message;
      this.tell('overview', id);
    }
  }

  async fetchElo(id) {
    const elo = await get(`/api/runs/${id}/elo`).catch(() => null);
    if (elo) this.of(id).elo = elo;
    this.tell('elo', id);
  }

  // `caughtUp` says that the rows are all since the last one, although thinned; `fresh` that they are
  // all there are.
  addMetrics(id, { columns, rows, last }, caughtUp = false, fresh = false) {
    const data = this.of(id), names = columns.map((c) => c.name);
    if (!fresh && (!data.metrics || data.metrics.names.join() !== names.join())) {
      // Events that come before the whole, or with other columns than it had: ask for all of it.
      if (data.metrics) {
        data.metrics = null;
        this.catchUp(id);
      }
      return;
    }
    if (!fresh && rows.length && rows[0][0] > data.metrics.last + 1 && !caughtUp) {
      this.catchUp(id); // Rows went by before the whole was here.
      return;
    }
    const old = fresh ? [] : data.metrics.rows;
    const newest = old.length ? old[old.length - 1][0] : 0;
    let all = old.concat(rows.filter((r) => r[0] > newest));
    if (all.length > MOST_ROWS) all = all.filter((_, i) => i % 2 === (all.length - 1) % 2);
    data.metrics = { names, rows: all, last: Math.max(last || 0, all.length ? all[all.length - 1][0] : 0) };
    this.tell('metrics', id);
  }

  // A column of the metrics as points over seconds; none where the run does not have it.
  points(id, name) {
    const metrics = this.of(id).metrics;
    if (!metrics) return [];
    const at = metrics.names.indexOf(name), x = metrics.names.indexOf('seconds');
    if (at < 0) return [];
    return metrics.rows.filter((r) => r[at] != null).map((r) => ({ x: r[x], y: r[at] }));
  }

  // The growth of a counter a second, over windows of a twenty-fifth of the time, because games end in
  // bursts.
  rate(id, name) {
    const points = this.points(id, name), out = [];
    if (points.length < 2) return out;
    const window = points[points.length - 1].x / 25;
    let from = 0;
    for (let i = 1; i < points.length; i++) {
      while (from < i - 1 && points[i].x - points[from + 1].x >= window) from++;
      const dx = points[i].x - points[from].x, dy = points[i].y - points[from].y;
      if (dx > 0 && dy >= 0) out.push({ x: points[i].x, y: dy / dx });
    }
    return out;
  }
}
