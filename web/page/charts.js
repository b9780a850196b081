// Plots as SVG: crisp at every size, read by pointer or by keyboard. The legend above a plot is its
// read-out as well: it shows the newest values, or those under the pointer or the cursor.

import { svg } from './boards.js';

const HEIGHT = 220;

// About `count` round numbers that span low to high.
export function ticks(low, high, count) {
  const span = Math.max(high - low, 1e-12), raw = span / count, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= raw * 0.999);
  const out = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-6; i++) out.push(i * step || 0); // Never -0.
  return out;
}

// Round durations for an axis in seconds.
function timeTicks(high, count) {
  const minute = 60, hour = 3600, day = 86400;
  const steps = [1, 2, 5, 10, 20, 30, ...[1, 2, 5, 10, 20, 30].map((m) => m * minute), ...[1, 2, 3, 6, 12].map((h) => h * hour),
    day, 2 * day, 5 * day];
  const step = steps.find((s) => high / s <= count) || 10 * day * Math.ceil(high / count / (10 * day));
  const out = [];
  for (let v = 0; v <= high; v += step) out.push(v);
  return out;
}

export function duration(seconds) {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return s % 60 && s < 600 ? `${Math.floor(s / 60)} min ${s % 60} s` : `${Math.round(s / 60)} min`;
  const h = Math.floor(s / 3600), m = Math.round(s % 3600 / 60);
  if (h < 48) return m === 60 ? `${h + 1} h` : m ? `${h} h ${m} min` : `${h} h`;
  return `${Math.floor(h / 24)} d ${h % 24} h`;
}

// A duration as a label on an axis that ends at `high`.
function axisTime(v, high) {
  if (!v) return '0';
  if (high <= 120) return `${v} s`;
  if (high <= 7200) return `${+(v / 60).toFixed(1)} min`;
  if (high <= 172800) return `${+(v / 3600).toFixed(1)} h`;
  return `${+(v / 86400).toFixed(1)} d`;
}

export function number(v, digits) {
  if (v == null || !Number.isFinite(v)) return '–';
  if (digits != null) return v.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const a = Math.abs(v);
  return v.toLocaleString('en', { maximumFractionDigits: a >= 100 || a === 0 ? 0 : a >= 10 ? 1 : a >= 1 ? 2 : 3 });
}

// A plot inside `host`, which is a <figure>.
//   title, unit      what is plotted
//   x                'time' (seconds) or 'count' (moves and other whole numbers); xName says which
//   format(v)        a value in words
//   range            [low, high], or nothing: from the values; zero: the axis begins at 0
//   stacked          the series are shares that add up
//   onPick(x)        called when a place is clicked or chosen with Enter
export class Chart {
  constructor(host, options) {
    this.host = host;
    this.options = { x: 'time', format: number, height: HEIGHT, ...options };
    this.series = [];
    this.lines = [];
    this.at = null; // The x that is read out; null: the newest.
    host.classList.add('chart');
    const caption = document.createElement('figcaption');
    const title = document.createElement('span');
    title.className = 'chart-title';
    title.textContent = this.options.title;
    const unit = document.createElement('span');
    unit.className = 'chart-unit';
    unit.textContent = this.options.unit || '';
    this.when = document.createElement('span');
    this.when.className = 'when';
    caption.append(title, unit, this.when);
    this.legend = document.createElement('div');
    this.legend.className = 'legend';
    this.plot = document.createElement('div');
    this.plot.className = 'plot';
    this.plot.style.height = `${this.options.height}px`;
    this.plot.tabIndex = 0;
    this.plot.setAttribute('role', 'img');
    this.said = document.createElement('span');
    this.said.className = 'unseen';
    this.said.setAttribute('aria-live', 'polite');
    host.append(caption, this.legend, this.plot, this.said);
    new ResizeObserver(() => this.draw()).observe(this.plot);
    this.plot.addEventListener('pointermove', (e) => this.point(e));
    this.plot.addEventListener('pointerdown', (e) => this.point(e, true));
    this.plot.addEventListener('pointerleave', () => this.read(null));
    this.plot.addEventListener('blur', () => this.read(null));
    this.plot.addEventListener('keydown', (e) => this.key(e));
  }

  // series: [{name, tone, points: [{x, y, low, high}], dots, dashed}], points ascending by x.
  // lines: [{y, name}], values that never change. marker: an x that is marked (the move shown).
  show(series, { lines = [], marker = null, empty = 'Nothing is measured yet.' } = {}) {
    this.series = series;
    this.lines = lines;
    this.marker = marker;
    this.empty = empty;
    this.draw();
  }

  // The bounds of both axes.
  bounds() {
    let x0 = this.options.x === 'time' ? 0 : Infinity, x1 = -Infinity, y0 = Infinity, y1 = -Infinity;
    for (const s of this.series) for (const p of s.points) {
      x0 = Math.min(x0, p.x);
      x1 = Math.max(x1, p.x);
      y0 = Math.min(y0, p.low ?? p.y);
      y1 = Math.max(y1, p.high ?? p.y);
    }
    if (this.options.clamp) {
      // Very wide intervals would press everything else flat, so they run off the plot.
      const ys = this.series.flatMap((s) => s.points.map((p) => p.y));
      const low = Math.min(...ys), high = Math.max(...ys), room = Math.max(100, (high - low) * 0.35);
      y0 = Math.max(y0, low - room);
      y1 = Math.min(y1, high + room);
    }
    // Lines far away from the values are left out of the picture.
    const reach = Math.max(y1 - y0, 100) * 0.6;
    for (const l of this.lines) if (l.y > y0 - reach && l.y < y1 + reach) {
      y0 = Math.min(y0, l.y);
      y1 = Math.max(y1, l.y);
    }
    if (this.options.zero) y0 = Math.min(0, y0);
    if (this.options.stacked) [y0, y1] = [0, 1];
    if (this.options.range) [y0, y1] = this.options.range;
    else if (!this.options.stacked) {
      const pad = (y1 - y0) * 0.06 || Math.abs(y1) * 0.1 || 1;
      if (!(this.options.zero && y0 === 0)) y0 -= pad;
      y1 += pad;
    }
    if (!(x1 > x0)) x1 = x0 + 1;
    return [x0, x1, y0, y1];
  }

  draw() {
    const width = this.plot.clientWidth, height = this.options.height;
    const has = this.series.some((s) => s.points.length);
    this.drawLegend();
    if (!width) return;
    if (!has) {
      const p = document.createElement('p');
      p.className = 'empty';
      p.textContent = this.empty || '';
      this.plot.replaceChildren(p);
      this.plot.setAttribute('aria-label', `${this.options.title}: ${this.empty}`);
      return;
    }
    const [x0, x1, y0, y1] = this.bounds();
    const rows = ticks(y0, y1, Math.max(2, Math.round((height - 34) / 44)));
    const longest = Math.max(...rows.map((v) => this.options.format(v).length));
    const left = Math.max(46, 14 + 7 * longest);
    const box = this.box = { left, right: width - 10, top: 8, bottom: height - 26, x0, x1, y0, y1 };
    const X = this.X = (x) => box.left + (x - x0) / (x1 - x0) * (box.right - box.left);
    const Y = this.Y = (y) => box.bottom - (y - y0) / (y1 - y0) * (box.bottom - box.top);
    const root = this.svg = svg('svg', { width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' });
    const clip = this.clip ||= `clip${Math.random().toString(36).slice(2)}`;
    const width0 = box.right - box.left, height0 = box.bottom - box.top;
    root.append(svg('clipPath', { id: clip },
      svg('rect', { x: box.left - 4, y: box.top - 4, width: width0 + 8, height: height0 + 5 })));
    for (const v of rows) {
      const y = Y(v);
      root.append(svg('line', { x1: box.left, x2: box.right, y1: y, y2: y, class: v === 0 ? 'rule zero' : 'rule' }),
        svg('text', { x: box.left - 7, y: y + 4, class: 'tick right' }, this.options.format(v)));
    }
    const room = Math.max(2, Math.floor((box.right - box.left) / 76));
    const xs = this.options.x === 'time' ? timeTicks(x1, room) : ticks(x0, x1, room).filter(Number.isInteger);
    for (const v of xs) {
      const name = this.options.x === 'time' ? axisTime(v, x1) : number(v);
      root.append(svg('line', { x1: X(v), x2: X(v), y1: box.bottom, y2: box.bottom + 4, class: 'rule' }),
        svg('text', { x: X(v), y: box.bottom + 18, class: 'tick' }, name));
    }
    const inside = svg('g', { 'clip-path': `url(#${clip})` });
    root.append(inside);
    if (this.options.stacked) this.drawStack(inside);
    else {
      this.drawLines(inside);
      for (const s of this.series) this.drawSeries(inside, s);
    }
    if (this.marker != null) {
      const x = X(this.marker);
      inside.append(svg('line', { x1: x, x2: x, y1: box.top, y2: box.bottom, class: 'marker' }));
    }
    root.append(this.hair = svg('g', {}));
    this.plot.replaceChildren(root);
    this.plot.setAttribute('aria-label', `${this.options.title}. ${this.summary()} Arrow keys read it point by point.`);
    this.drawHair();
  }

  drawLines(inside) {
    // Names stand at the right end, or at the left where another is too near.
    const placed = { end: [], start: [] };
    for (const l of [...this.lines].sort((a, b) => b.y - a.y)) {
      const y = this.Y(l.y);
      if (y < this.box.top || y > this.box.bottom) continue;
      inside.append(svg('line', { x1: this.box.left, x2: this.box.right, y1: y, y2: y, class: 'anchor' }));
      const side = ['end', 'start'].find((at) => !placed[at].some((q) => Math.abs(q - y) < 13));
      if (!side) continue;
      placed[side].push(y);
      const x = side === 'end' ? this.box.right - 2 : this.box.left + 4;
      inside.append(svg('text', { x, y: y - 4, 'text-anchor': side, class: 'anchor-name' }, l.name));
    }
  }

  drawSeries(inside, s) {
    const { X, Y } = this;
    if (s.points.some((p) => p.low != null) && !s.dots) {
      // A band where there are many points, bars where there are few.
      if (s.points.length > 60) {
        const up = s.points.map((p) => `${X(p.x).toFixed(1)} ${Y(p.high ?? p.y).toFixed(1)}`);
        const down = s.points.map((p) => `${X(p.x).toFixed(1)} ${Y(p.low ?? p.y).toFixed(1)}`).reverse();
        inside.append(svg('polygon', { points: [...up, ...down].join(' '), class: `band tone-${s.tone}` }));
      } else for (const p of s.points) if (p.low != null)
        inside.append(svg('path', {
          d: `M${X(p.x)} ${Y(p.low)}V${Y(p.high)}m-3 0h6M${X(p.x) - 3} ${Y(p.low)}h6`, class: `bar tone-${s.tone}`,
        }));
    }
    let d = '', pen = 'M';
    for (const p of s.points) {
      if (!Number.isFinite(p.y)) {
        pen = 'M';
        continue;
      }
      d += `${pen}${X(p.x).toFixed(1)} ${Y(p.y).toFixed(1)}`;
      pen = 'L';
    }
    inside.append(svg('path', { d, class: `series tone-${s.tone}${s.dashed ? ' dashed' : ''}` }));
    if (s.points.length <= 60 && (s.marks || s.points.length === 1))
      for (const p of s.points)
        inside.append(svg('circle', { cx: X(p.x), cy: Y(p.y), r: 3, class: `dot tone-${s.tone}` }));
  }

  drawStack(inside) {
    const { X, Y } = this, n = Math.min(...this.series.map((s) => s.points.length));
    const base = new Float64Array(n);
    for (const s of this.series) {
      const low = [], high = [];
      for (let i = 0; i < n; i++) {
        low.push(`${X(s.points[i].x).toFixed(1)} ${Y(base[i]).toFixed(1)}`);
        base[i] += s.points[i].y;
        high.push(`${X(s.points[i].x).toFixed(1)} ${Y(base[i]).toFixed(1)}`);
      }
      inside.append(svg('polygon', { points: [...high, ...low.reverse()].join(' '), class: `area tone-${s.tone}` }));
    }
  }

  // The point of a series at or before x, or the nearest one of a sparse series.
  near(s, x) {
    if (!s.points.length) return null;
    if (x == null) return s.points[s.points.length - 1];
    let best = s.points[0];
    for (const p of s.points) if (Math.abs(p.x - x) < Math.abs(best.x - x)) best = p;
    return best;
  }

  words(p) {
    if (!p || !Number.isFinite(p.y)) return '–';
    const interval = p.low != null ? ` (${this.options.format(p.low)} to ${this.options.format(p.high)})` : '';
    return this.options.format(p.y) + interval;
  }

  xWords(x) {
    return this.options.x === 'time' ? duration(x) : `${this.options.xName || ''} ${number(x)}`.trim();
  }

  summary() {
    return this.series.filter((s) => s.points.length)
      .map((s) => `${s.name || this.options.title}: ${this.words(this.near(s, null))}.`).join(' ');
  }

  drawLegend() {
    const items = [];
    const newest = Math.max(...this.series.map((s) => s.points.length ? s.points[s.points.length - 1].x : -Infinity));
    const at = this.at ?? this.marker;
    this.when.textContent = at != null ? this.xWords(at) : Number.isFinite(newest) ? this.xWords(newest) : '';
    for (const s of this.series) {
      const item = document.createElement('span');
      item.className = 'legend-item';
      const key = document.createElement('i');
      key.className = `key tone-${s.tone}${s.dashed ? ' dashed' : ''}`;
      const name = document.createElement('span');
      name.textContent = s.name || '';
      const value = document.createElement('b');
      value.textContent = this.words(this.near(s, at));
      if (s.name) item.append(key, name, value);
      else item.append(value);
      items.push(item);
    }
    this.legend.replaceChildren(...items);
  }

  drawHair() {
    if (!this.hair) return;
    this.hair.replaceChildren();
    if (this.at == null || !this.box) return;
    const x = this.X(this.at);
    this.hair.append(svg('line', { x1: x, x2: x, y1: this.box.top, y2: this.box.bottom, class: 'hair' }));
    if (this.options.stacked) return;
    for (const s of this.series) {
      const p = this.near(s, this.at);
      if (p && Number.isFinite(p.y))
        this.hair.append(svg('circle', { cx: this.X(p.x), cy: this.Y(p.y), r: 4, class: `dot tone-${s.tone}` }));
    }
  }

  read(x) {
    this.at = x;
    this.drawLegend();
    this.drawHair();
  }

  xs() {
    return [...new Set(this.series.flatMap((s) => s.points.map((p) => p.x)))].sort((a, b) => a - b);
  }

  point(event, pick) {
    if (!this.box || !this.series.some((s) => s.points.length)) return;
    const px = event.clientX - this.plot.getBoundingClientRect().left;
    const x = this.box.x0 + (px - this.box.left) / (this.box.right - this.box.left) * (this.box.x1 - this.box.x0);
    let best = null;
    for (const v of this.xs()) if (best == null || Math.abs(v - x) < Math.abs(best - x)) best = v;
    this.read(best);
    if (pick && this.options.onPick) this.options.onPick(best);
  }

  key(event) {
    const xs = this.xs();
    if (!xs.length) return;
    let i = this.at == null ? xs.length - 1 : xs.indexOf(this.at);
    const big = Math.max(1, Math.round(xs.length / 20));
    const n = xs.length;
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -big, PageDown: big, Home: -n, End: n }[event.key];
    if (event.key === 'Enter' && this.at != null && this.options.onPick) this.options.onPick(this.at);
    else if (event.key === 'Escape') this.read(null);
    else if (step) {
      i = Math.min(xs.length - 1, Math.max(0, this.at == null && step < 0 ? xs.length - 1 : i + step));
      this.read(xs[i]);
      const values = this.series.map((s) => `${s.name || ''} ${this.words(this.near(s, xs[i]))}`.trim());
      this.said.textContent = `${this.xWords(xs[i])}: ${values.join(', ')}`;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
