// Boards as their players expect them, drawn as SVG from the cells that the server sends.
//
// Nothing here knows a rule: which moves there are, and where they lie, comes with the position.
// A position is {game, height, width, columns, rows, cells, last, legal, ...}: cells[y * width + x] is
// 0 (empty), 1 (first player) or 2 (second player), row 0 at the top, and columns and rows are their
// names. A move that may be played is {move, y, x} with its text, and from_y, from_x where a piece
// goes from one square to another.

const NS = 'http://www.w3.org/2000/svg';
const S = 40; // The side of a square, in units of the drawing.

export function svg(name, attributes, ...children) {
  const element = document.createElementNS(NS, name);
  for (const key in attributes) if (attributes[key] != null) element.setAttribute(key, attributes[key]);
  element.append(...children);
  return element;
}

// What the sides are called, and what their pieces are.
const SIDES = {
  go: ['Black', 'White'], gomoku: ['Black', 'White'], othello: ['Black', 'White'],
  connect4: ['Red', 'Yellow'], hex: ['Red', 'Blue'], breakthrough: ['White', 'Black'],
  tictactoe: ['Crosses', 'Noughts'],
};
const PIECES = {
  go: 'stone', gomoku: 'stone', othello: 'disc', connect4: 'disc', hex: 'stone', breakthrough: 'pawn',
};
export const sideName = (game, side) => (SIDES[game] || ['First', 'Second'])[side];
export const pieceName = (game, side) => game === 'tictactoe' ? (side ? 'nought' : 'cross')
  : `${sideName(game, side).toLowerCase()} ${PIECES[game] || 'piece'}`;

// In these games the rows are counted from the top, and labels stand above the board.
const fromTop = (game) => ['othello', 'hex', 'connect4'].includes(game);
const pointName = (p, y, x) => p.rows[y] ? `${p.columns[x]}${p.rows[y]}`
  : `column ${p.columns[x]}, row ${p.height - y}`;

// A board with its names, as the drawing wants it, from the server's GAME and a string of cells.
export const boardOf = (game, cells) => ({
  game: game.name, height: game.height, width: game.width, columns: game.columns, rows: game.rows, label: game.title,
  cells: Array.from(cells, Number),
});

// A move of the server, {move, point, from}, with its place as y and x.
export function placed(game, move) {
  const y = (point) => Math.floor(point / game.width), x = (point) => point % game.width;
  return {
    move: move.move, y: y(move.point), x: x(move.point),
    from_y: move.from == null ? null : y(move.from), from_x: move.from == null ? null : x(move.from),
  };
}

// Where the handicap points of a board are, as people mark them.
function stars(height, width) {
  const on = (n) => {
    const edge = n < 13 ? 2 : 3, middle = n % 2 ? [(n - 1) / 2] : [];
    return n < 5 ? [] : n < 8 ? middle : [edge, ...middle, n - 1 - edge];
  };
  const ys = on(height), xs = on(width), out = [];
  for (const y of ys) for (const x of xs) {
    const middles = (y === (height - 1) / 2) + (x === (width - 1) / 2);
    if (middles !== 1 || Math.min(height, width) >= 17) out.push([y, x]);
  }
  return out;
}

// --- How each game looks ---------------------------------------------------------------------------
//
// A look has: box(h, w), the size of the drawing without coordinates; at(y, x), the middle of a
// cell; cell(y, x), its outline; ground(h, w), what lies under everything; piece(side, y, x).

const square = {
  box: (h, w) => [w * S, h * S],
  at: (y, x) => [x * S + S / 2, y * S + S / 2],
  cell: (y, x) => svg('rect', { x: x * S, y: y * S, width: S, height: S }),
  radius: 0.46,
};

function lines(h, w, from, className) {
  let d = '';
  for (let y = 0; y <= h - 1 + 2 * from; y++)
    d += `M${S / 2 - from * S / 2} ${(y + 0.5 - from / 2) * S}H${(w - 0.5 + from / 2) * S}`;
  for (let x = 0; x <= w - 1 + 2 * from; x++)
    d += `M${(x + 0.5 - from / 2) * S} ${S / 2 - from * S / 2}V${(h - 0.5 + from / 2) * S}`;
  return svg('path', { d, class: className });
}

// Lines around the squares instead of through their middles.
function grid(h, w, className, inner) {
  let d = '';
  for (let y = inner; y <= h - inner; y++) d += `M0 ${y * S}H${w * S}`;
  for (let x = inner; x <= w - inner; x++) d += `M${x * S} 0V${h * S}`;
  return svg('path', { d, class: className });
}

function stone(side, y, x, kind) {
  const [cx, cy] = [x * S + S / 2, y * S + S / 2], r = S * 0.47;
  return svg('g', {},
    svg('circle', { cx: cx + 1, cy: cy + 1.6, r, class: 'shade' }),
    svg('circle', { cx, cy, r, fill: `url(#${kind}-${side})`, class: `rim rim-${side}` }));
}

const wood = {
  ...square,
  ground: (h, w) => svg('g', {}, svg('rect', { width: w * S, height: h * S, rx: 3, fill: 'url(#wood)' }),
    lines(h, w, 0, 'line'),
    ...stars(h, w).map(([y, x]) => svg('circle', { cx: x * S + S / 2, cy: y * S + S / 2, r: 3.6, class: 'star' }))),
  piece: (side, y, x) => stone(side, y, x, 'stone'),
};

const LOOKS = {
  go: wood,
  gomoku: wood,
  othello: {
    ...square,
    ground: (h, w) => svg('g', {}, svg('rect', { width: w * S, height: h * S, rx: 3, class: 'baize' }),
      grid(h, w, 'line dark', 0),
      ...[[2, 2], [2, w - 2], [h - 2, 2], [h - 2, w - 2]].filter(() => h >= 6)
        .map(([y, x]) => svg('circle', { cx: x * S, cy: y * S, r: 3.2, class: 'star' }))),
    piece: (side, y, x) => {
      const cx = x * S + S / 2, cy = y * S + S / 2, r = S * 0.42;
      return svg('g', {}, svg('circle', { cx: cx + 0.6, cy: cy + 2, r, class: `under-${side}` }),
        svg('circle', { cx, cy, r, fill: `url(#disc-${side})` }));
    },
  },
  connect4: {
    ...square,
    radius: 0.4,
    ground: (h, w) => {
      const holes = [];
      for (let y = 0; y < h; y++) for (let x = 0; x < w; x++)
        holes.push(svg('circle', { cx: x * S + S / 2, cy: y * S + S / 2, r: S * 0.4, class: 'hole' }));
      return svg('g', {}, svg('rect', { width: w * S, height: h * S, rx: 9, class: 'plastic' }), ...holes);
    },
    piece: (side, y, x) => {
      const cx = x * S + S / 2, cy = y * S + S / 2;
      return svg('g', {}, svg('circle', { cx, cy, r: S * 0.4, class: `chip chip-${side}` }),
        svg('circle', { cx, cy, r: S * 0.27, class: `chip-ring chip-ring-${side}` }));
    },
  },
  hex: (() => {
    const R = S * 0.56, W = R * Math.sqrt(3), pad = R * 0.55;
    const at = (y, x) => [pad + W / 2 + (x + y / 2) * W, pad + R + y * 1.5 * R];
    const corner = (y, x, k) => {
      const [cx, cy] = at(y, x), a = Math.PI / 3 * k - Math.PI / 2; // 0: the top, then clockwise
      return [cx + R * Math.cos(a), cy + R * Math.sin(a)];
    };
    const path = (points) => points.map(([px, py]) => `${px.toFixed(1)} ${py.toFixed(1)}`);
    const outline = (y, x) => svg('polygon', { points: path([0, 1, 2, 3, 4, 5].map((k) => corner(y, x, k))).join(' ') });
    return {
      box: (h, w) => [2 * pad + W * (w + (h - 1) / 2), 2 * pad + R * (1.5 * h + 0.5)],
      at,
      cell: outline,
      radius: 0.4,
      ground: (h, w) => {
        // The edges are bands behind the outer hexagons in the colour of the side that joins them.
        const top = [], bottom = [], left = [], right = [];
        for (let x = 0; x < w; x++) {
          top.push(corner(0, x, 5), corner(0, x, 0));
          bottom.push(corner(h - 1, x, 3), corner(h - 1, x, 2));
        }
        top.push(corner(0, w - 1, 1));
        bottom.unshift(corner(h - 1, 0, 4));
        for (let y = 0; y < h; y++) {
          left.push(corner(y, 0, 5), corner(y, 0, 4));
          right.push(corner(y, w - 1, 1), corner(y, w - 1, 2));
        }
        left.push(corner(h - 1, 0, 3));
        right.unshift(corner(0, w - 1, 0));
        const band = (points, side) => svg('polyline', { points: path(points).join(' '), class: `edge edge-${side}` });
        const cells = svg('g', { class: 'hexes' });
        for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) cells.append(outline(y, x));
        return svg('g', {}, band(left, 2), band(right, 2), band(top, 1), band(bottom, 1), cells);
      },
      piece: (side, y, x) => {
        const [cx, cy] = at(y, x);
        return svg('circle', { cx, cy, r: R * 0.68, class: `counter counter-${side}` });
      },
      labelAt: (y, x) => y < 0 ? [at(0, x)[0] - W * 0.42, at(0, x)[1] - R * 1.7]
        : [at(y, 0)[0] - W * 0.98, at(y, 0)[1] + R * 0.1],
    };
  })(),
  breakthrough: {
    ...square,
    ground: (h, w) => {
      const dark = svg('g', { class: 'dark-squares' });
      for (let y = 0; y < h; y++) for (let x = 0; x < w; x++)
        if ((h - 1 - y + x) % 2 === 0) dark.append(svg('rect', { x: x * S, y: y * S, width: S, height: S }));
      return svg('g', {}, svg('rect', { width: w * S, height: h * S, class: 'light-squares' }), dark);
    },
    piece: (side, y, x) => svg('path', {
      transform: `translate(${x * S} ${y * S})`,
      d: 'M20 7a5.6 5.6 0 0 1 3.6 9.9c2.6 1 4 3 4 5.3h-3.2c.3 4 1.8 6 4.4 7.8 1 .8 1.4 1.7 1.4 3H9.8'
        + 'c0-1.3.4-2.2 1.4-3 2.6-1.8 4.1-3.8 4.4-7.8h-3.2c0-2.3 1.4-4.3 4-5.3A5.6 5.6 0 0 1 20 7z',
      class: `pawn pawn-${side}`,
    }),
  },
  tictactoe: {
    ...square,
    ground: (h, w) => svg('g', {}, grid(h, w, 'line bold', 1)),
    piece: (side, y, x) => side === 1
      ? svg('path', { d: `M${x * S + 10} ${y * S + 10}l20 20m0-20l-20 20`, class: 'mark mark-1' })
      : svg('circle', { cx: x * S + 20, cy: y * S + 20, r: 10.5, class: 'mark mark-2' }),
  },
};

let boards = 0;

// A board inside `host`. With onMove it is played on by pointer and keyboard: it is a grid in which
// the arrow keys move a cursor, and Enter or Space plays.
export class Board {
  constructor(host, { onMove = null, mini = false } = {}) {
    this.host = host;
    this.onMove = onMove;
    this.mini = mini;
    this.id = `board${boards++}`;
    this.shape = '';
    this.cursor = null;
    this.picked = null; // The piece chosen in a game whose moves go from square to square.
    host.classList.add('board');
    if (onMove) {
      host.addEventListener('click', (e) => this.click(e));
      host.addEventListener('keydown', (e) => this.key(e));
      host.addEventListener('pointermove', (e) => this.hover(e));
      host.addEventListener('pointerleave', () => this.ghost.replaceChildren());
    }
  }

  // Draws a position. Beside it may carry: heat[h * w] from 0 to 1, owner[h * w] from -1 to 1,
  // dead[h * w], numbers [{y, x, text, side}] and hints [{y, x, text, best}].
  show(p) {
    const shape = `${p.game} ${p.height} ${p.width}`;
    const before = this.position;
    this.position = p;
    if (shape !== this.shape) this.lay(p);
    const leaves = (m) => m.from_y === this.picked[0] && m.from_x === this.picked[1];
    if (this.picked && !(p.legal || []).some(leaves)) this.picked = null;
    this.drawPieces(before && shape === this.shape ? before : null);
    this.shape = shape;
    this.drawMarks();
    this.describe();
  }

  // What does not change while boards of one game are shown.
  lay(p) {
    const look = this.look = LOOKS[p.game] || LOOKS.tictactoe;
    const [w, h] = look.box(p.height, p.width);
    // Labels are about as large on the screen whether a board has few lines or many.
    const font = this.font = 5 + 0.55 * Math.max(p.height, p.width), room = 1.7 * font;
    const pad = this.mini ? 3 : 5, edge = this.mini || p.game === 'connect4' ? pad : room;
    const top = !this.mini && fromTop(p.game) ? room : pad;
    const bottom = !this.mini && !fromTop(p.game) ? room : pad;
    this.layer = {};
    this.svg = svg('svg', {
      viewBox: `${-edge} ${-top} ${w + edge + pad} ${h + top + bottom}`,
      class: `position game-${p.game}`,
    });
    this.svg.append(look.ground(p.height, p.width));
    for (const name of ['labels', 'traces', 'heat', 'pieces', 'marks', 'picks', 'ghost', 'cells', 'cursor'])
      this.svg.append(this.layer[name] = svg('g', { class: `layer-${name}` }));
    this.ghost = this.layer.ghost;
    if (!this.mini) this.drawLabels(p, h);
    this.layCells(p);
    this.host.replaceChildren(this.svg);
    this.host.style.setProperty('--ratio', ((w + edge + pad) / (h + top + bottom)).toFixed(4));
    this.host.style.setProperty('--most', `${120 * p.width}px`);
    this.cursor = null;
    this.picked = null;
  }

  drawLabels(p, h) {
    const out = this.layer.labels, look = this.look;
    const put = (x, y, text) => out.append(svg('text', { x, y, 'font-size': this.font, class: 'label' }, text));
    for (let x = 0; x < p.width; x++) {
      if (look.labelAt) put(...look.labelAt(-1, x), p.columns[x]);
      else put(x * S + S / 2, fromTop(p.game) ? -0.85 * this.font : h + 0.85 * this.font, p.columns[x]);
    }
    for (let y = 0; y < p.height; y++) {
      if (look.labelAt) put(...look.labelAt(y, -1), p.rows[y]);
      else if (p.rows[y]) put(-0.85 * this.font, y * S + S / 2, p.rows[y]);
    }
  }

  layCells(p) {
    if (!this.onMove) {
      this.svg.setAttribute('role', 'img');
      return;
    }
    this.svg.setAttribute('role', 'grid');
    this.svg.setAttribute('tabindex', '0');
    this.svg.setAttribute('aria-rowcount', p.height);
    this.svg.setAttribute('aria-colcount', p.width);
    this.cells = [];
    for (let y = 0; y < p.height; y++) {
      const row = svg('g', { role: 'row' });
      for (let x = 0; x < p.width; x++) {
        const cell = this.look.cell(y, x);
        cell.setAttribute('role', 'gridcell');
        cell.setAttribute('class', 'cell');
        cell.id = `${this.id}-${y}-${x}`;
        cell.dataset.y = y;
        cell.dataset.x = x;
        this.cells.push(cell);
        row.append(cell);
      }
      this.layer.cells.append(row);
    }
  }

  drawPieces(before) {
    const p = this.position, out = [];
    const added = [];
    for (let y = 0; y < p.height; y++) for (let x = 0; x < p.width; x++) {
      const i = y * p.width + x;
      if (!p.cells[i]) continue;
      const piece = this.look.piece(p.cells[i], y, x);
      if (p.dead && p.dead[i]) piece.classList.add('dead');
      if (before && !before.cells[i]) added.push([piece, y]);
      out.push(piece);
    }
    if (p.game === 'connect4' && added.length === 1) {
      added[0][0].classList.add('drops');
      added[0][0].style.setProperty('--from', `${-(added[0][1] + 1) * S}px`);
    }
    this.layer.pieces.replaceChildren(...out);
  }

  drawMarks() {
    const p = this.position, look = this.look;
    const owner = [], heat = [], marks = [], traces = [];
    const n = p.height * p.width;
    const most = p.heat ? Math.max(1e-9, ...p.heat) : 1;
    for (let i = 0; i < n; i++) {
      const y = Math.floor(i / p.width), x = i % p.width, [cx, cy] = look.at(y, x);
      if (p.heat && p.heat[i] > 0.004 * most)
        heat.push(svg('circle', {
          cx, cy, r: (S * look.radius * (0.3 + 0.68 * Math.sqrt(p.heat[i] / most))).toFixed(1),
          class: 'heat', 'fill-opacity': (0.18 + 0.7 * p.heat[i] / most).toFixed(3),
        }));
      if (p.owner && Math.abs(p.owner[i]) > 0.05) {
        const size = S * 0.44 * Math.sqrt(Math.abs(p.owner[i]));
        owner.push(svg('rect', {
          x: (cx - size / 2).toFixed(1), y: (cy - size / 2).toFixed(1), width: size.toFixed(1), height: size.toFixed(1),
          class: `owner owner-${p.owner[i] > 0 ? 1 : 2}`,
          'fill-opacity': (0.35 + 0.6 * Math.abs(p.owner[i])).toFixed(2),
        }));
      }
      if (p.dead && p.dead[i] && p.cells[i])
        marks.push(svg('path', { d: `M${cx - 7} ${cy - 7}l14 14m0-14l-14 14`, class: `cross on-${p.cells[i]}` }));
    }
    for (const h of p.hints || []) {
      const [cx, cy] = look.at(h.y, h.x);
      marks.push(svg('circle', { cx, cy, r: S * look.radius, class: h.best ? 'hint best' : 'hint' }),
        svg('text', { x: cx, y: cy + 4.2, class: 'hint-text' }, h.text));
    }
    for (const m of p.numbers || []) {
      const [cx, cy] = look.at(m.y, m.x);
      const ghost = look.piece(m.side, m.y, m.x);
      ghost.classList.add('planned');
      marks.push(ghost, svg('text', { x: cx, y: cy + 5, class: `number on-${m.side} in-${p.game}` }, m.text));
    }
    if (p.last && !(p.numbers || []).some((m) => m.y === p.last.y && m.x === p.last.x)) {
      const [cx, cy] = look.at(p.last.y, p.last.x), side = p.cells[p.last.y * p.width + p.last.x];
      if (p.last.from_y != null) {
        const [fx, fy] = look.at(p.last.from_y, p.last.from_x);
        traces.push(svg('rect', { x: fx - S / 2, y: fy - S / 2, width: S, height: S, class: 'trace' }),
          svg('rect', { x: cx - S / 2, y: cy - S / 2, width: S, height: S, class: 'trace' }));
      } else if (p.game === 'tictactoe') {
        traces.push(svg('rect', { x: cx - 17, y: cy - 17, width: 34, height: 34, rx: 3, class: 'trace' }));
      } else {
        const r = S * (p.game === 'hex' ? 0.14 : 0.2);
        marks.push(svg('circle', { cx, cy, r, class: `last on-${side || 1} in-${p.game}` }));
      }
    }
    this.layer.traces.replaceChildren(...traces);
    this.layer.heat.replaceChildren(...heat);
    this.layer.marks.replaceChildren(...owner, ...marks);
    this.drawPicks();
    this.drawCursor();
    this.ghost.replaceChildren();
  }

  // Says the position in words, for those who do not see it.
  describe() {
    const p = this.position;
    const count = [0, 0, 0];
    for (const c of p.cells) count[c]++;
    const sides = [0, 1].map((s) => `${count[s + 1]} ${sideName(p.game, s).toLowerCase()}`).join(', ');
    const last = p.last ? `, last move ${p.last.move || pointName(p, p.last.y, p.last.x)}` : '';
    this.svg.setAttribute('aria-label', `${p.label || 'Board'}, ${p.width} by ${p.height}: ${sides}${last}`);
    if (!this.cells) return;
    for (let i = 0; i < this.cells.length; i++) {
      const y = Math.floor(i / p.width), x = i % p.width;
      const what = p.cells[i] ? pieceName(p.game, p.cells[i] - 1) + (p.dead && p.dead[i] ? ', dead' : '') : 'empty';
      this.cells[i].setAttribute('aria-label', `${pointName(p, y, x)}, ${what}`);
      this.cells[i].classList.toggle('can', this.movesAt(y, x).length > 0);
    }
  }

  // The moves that a click on this cell may mean.
  movesAt(y, x) {
    const legal = this.position.legal || [];
    if (this.position.game === 'connect4') return legal.filter((m) => m.x === x);
    const to = legal.filter((m) => m.y === y && m.x === x);
    if (!legal.some((m) => m.from_y != null)) return to;
    if (this.picked) {
      const picked = to.filter((m) => m.from_y === this.picked[0] && m.from_x === this.picked[1]);
      if (picked.length) return picked;
    }
    return legal.filter((m) => m.from_y === y && m.from_x === x);
  }

  choose(y, x) {
    const moves = this.movesAt(y, x);
    const fromHere = moves.length && moves[0].from_y === y && moves[0].from_x === x;
    if (fromHere) {
      const again = this.picked && this.picked[0] === y && this.picked[1] === x;
      this.picked = again ? null : [y, x];
      this.drawPicks();
      this.describe();
      return;
    }
    if (!moves.length) {
      this.picked = null;
      this.drawPicks();
      return;
    }
    this.picked = null;
    this.onMove(moves[0].move);
  }

  drawPicks() {
    const out = [];
    if (this.picked) {
      const [py, px] = this.picked, [cx, cy] = this.look.at(py, px);
      out.push(svg('rect', { x: cx - S / 2, y: cy - S / 2, width: S, height: S, class: 'picked' }));
      for (const m of this.position.legal || [])
        if (m.from_y === py && m.from_x === px) {
          const [tx, ty] = this.look.at(m.y, m.x);
          out.push(svg('circle', { cx: tx, cy: ty, r: 7, class: 'target' }));
        }
    }
    this.layer.picks.replaceChildren(...out);
  }

  drawCursor() {
    this.layer.cursor.replaceChildren();
    if (!this.cells || !this.cursor || !this.keyed || !(this.position.legal || []).length) return;
    const [y, x] = this.cursor;
    const outline = this.look.cell(y, x);
    outline.setAttribute('class', 'cursor');
    this.layer.cursor.append(outline);
    this.svg.setAttribute('aria-activedescendant', `${this.id}-${y}-${x}`);
  }

  cellOf(event) {
    const cell = event.target.closest && event.target.closest('.cell');
    return cell ? [Number(cell.dataset.y), Number(cell.dataset.x)] : null;
  }

  click(event) {
    const at = this.cellOf(event);
    if (!at) return;
    this.cursor = at;
    this.keyed = false;
    this.layer.cursor.replaceChildren();
    this.choose(...at);
  }

  hover(event) {
    const at = event.pointerType === 'touch' ? null : this.cellOf(event);
    const moves = at ? this.movesAt(...at) : [];
    const key = moves.length && moves[0].from_y == null ? moves[0].move : '';
    if (key === this.hovered && this.ghost.firstChild) return;
    this.hovered = key;
    const side = (this.position.toMove || 0) + 1;
    this.ghost.replaceChildren(...(key ? [this.look.piece(side, moves[0].y, moves[0].x)] : []));
  }

  key(event) {
    const p = this.position;
    if (!p) return;
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (step) {
      const [y, x] = this.cursor || [Math.floor(p.height / 2) - step[0], Math.floor(p.width / 2) - step[1]];
      this.cursor = [Math.min(p.height - 1, Math.max(0, y + step[0])), Math.min(p.width - 1, Math.max(0, x + step[1]))];
      this.keyed = true;
      this.drawCursor();
    } else if ((event.key === 'Enter' || event.key === ' ') && this.cursor) this.choose(...this.cursor);
    else if (event.key === 'Escape' && this.picked) {
      this.picked = null;
      this.drawPicks();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
