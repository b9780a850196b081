// Only what is measured.

import { get } from './api.js';
import { number } from './charts.js';
import { el } from './dom.js';
import { bytes, percent } from './words.js';

export class Machine {
  constructor(section) {
    this.section = section;
    this.note = el('p.soft');
    this.body = el('div');
    section.append(el('h1', { id: 'machine-title' }, 'Machine'), this.note, this.body);
  }

  shown() {
    clearInterval(this.timer);
    this.timer = setInterval(() => {
      if (this.section.hidden) clearInterval(this.timer);
      else if (!document.hidden) this.ask();
    }, 4000);
    this.ask();
  }

  async ask() {
    try {
      const machine = await get('/api/machine');
      this.note.textContent = machine.name;
      this.body.replaceChildren(...this.parts(machine));
    } catch (error) {
      this.note.textContent = error.message;
    }
  }

  // A bar of a part of a whole; without a whole only the figure.
  meter(name, words, part) {
    const track = el('div.track'), fill = el('i');
    if (part != null) {
      fill.style.width = `${Math.min(100, 100 * part)}%`;
      track.append(fill);
    }
    const line = el('div', {}, el('span', {}, name), el('span.soft', {}, words));
    return el('div.meter', {}, line, part != null ? track : null);
  }

  facts(pairs) {
    return el('dl.facts', {}, ...pairs.flatMap(([name, text]) => [el('dt', {}, name), el('dd', {}, text)]));
  }

  parts(m) {
    const out = [], meters = [];
    if (m.load) {
      const words = `${number(m.load[0])} on ${m.processors} processors, mean of a minute`;
      meters.push(this.meter('Load', words, m.load[0] / m.processors));
    }
    if (m.memory) {
      const used = m.memory.total - m.memory.available;
      const words = `${bytes(used)} of ${bytes(m.memory.total)}; this program ${bytes(m.memory.process)}`;
      meters.push(this.meter('Memory in use', words, used / m.memory.total));
    }
    out.push(el('h2', {}, 'This computer'), el('div.meters', {}, ...meters));
    if (m.backends) out.push(el('h2', {}, 'What computes'), this.facts(m.backends.map((b) => [b.name,
      b.usable ? b.device || 'usable' : `not used: ${b.reason || (b.built ? 'no device answers' : 'not built')}`])));
    for (const r of m.runs || []) {
      const name = this.names?.(r.id) || `Run ${r.id}`, bars = [];
      if (r.disk) {
        const { used, budget, free } = r.disk;
        const of = budget != null ? ` of a budget of ${bytes(budget)}` : ', no budget';
        bars.push(this.meter('Disk', `${bytes(used)}${of}; ${bytes(free)} free`, used / (budget ?? used + free)));
      }
      if (r.memory_budget != null) bars.push(this.meter('Memory budget', bytes(r.memory_budget)));
      if (r.batch_fill != null) bars.push(this.meter('How full batches are', percent(r.batch_fill, 1), r.batch_fill));
      const part = r.network_share, speed = r.evaluations_per_s;
      if (part != null) bars.push(this.meter('Part of self-play that the net takes', percent(part), part));
      if (speed != null) bars.push(this.meter('Evaluations', `${number(speed, 0)} a second`));
      out.push(el('h2', {}, name), el('div.meters', {}, ...bars));
    }
    if (m.play) {
      const p = m.play;
      out.push(el('h2', {}, 'Games on this page'), this.facts([
        ['Games open', `${p.sessions} of at most ${p.max_sessions}`],
        ['Nets loaded', `${p.nets} of at most ${p.max_nets}`],
        ['Searches now', String(p.searches)],
        ['Positions judged', number(p.evaluations, 0)],
        ...(p.batches ? [['Positions a batch', `${number(p.evaluations / p.batches)} of at most ${p.batch}`]] : []),
      ]));
    }
    if (m.listeners != null) {
      const words = `${m.listeners} of at most ${m.max_listeners}`;
      out.push(el('h2', {}, 'Pages open'), this.facts([['Connections that are kept up to date', words]]));
    }
    return out;
  }
}
