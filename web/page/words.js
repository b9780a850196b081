// Figures and results in words.

import { sideName } from './boards.js';
import { number } from './charts.js';

export const percent = (v, digits = 0) => v == null ? '–' : `${(100 * v).toFixed(digits)}\u00a0%`;
export function signed(v, digits = 1) {
  return v == null ? '–' : `${v > 0 ? '+' : v < 0 ? '−' : ''}${Math.abs(v).toFixed(digits)}`;
}

export function bytes(v) {
  if (v == null) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let i = 0;
  for (; v >= 1000 && i < units.length - 1; i++) v /= 1000;
  return `${v >= 100 || i === 0 ? Math.round(v) : v.toPrecision(3)} ${units[i]}`;
}

// A count as one reads it aloud: 12,345 or 1.23 million.
export function count(v) {
  if (v == null) return '–';
  if (v >= 1e9) return `${(v / 1e9).toPrecision(3)} billion`;
  if (v >= 1e6) return `${(v / 1e6).toPrecision(3)} million`;
  return number(v, 0);
}

export const side = (game, letter) => sideName(game.name, letter === 'w' ? 1 : 0);
export const other = (letter) => letter === 'b' ? 'w' : 'b';

export const boardName = (game) => `${game.title} ${game.width}×${game.height}`;

export function gameWords(game) {
  const rest = [];
  if (game.has_komi && game.komi != null) rest.push(`komi ${game.komi}`);
  if (game.rules && game.rules !== 'standard') rest.push(`${game.rules} rules`);
  return rest.join(', ');
}

// Who won, and by how much.
export function resultWords(game, result, score) {
  if (!result) return 'no result';
  if (result === 'draw') return 'a draw';
  const by = game.has_score && score != null && score !== 0 ? ` by ${number(Math.abs(score))}` : '';
  return `${side(game, result)} wins${by}`;
}

const BARS = { connect4: 'red-yellow', hex: 'red-blue', breakthrough: 'white-black', tictactoe: 'cross-nought' };

// A bar whose left part is the first player's chance, a draw counted as half.
export class ValueBar {
  constructor(tall) {
    this.bar = document.createElement('div');
    this.fill = document.createElement('i');
    this.bar.append(this.fill);
    this.bar.setAttribute('role', 'img');
    this.tall = tall;
  }

  show(game, winrate, draw) {
    const v = winrate;
    this.bar.className = `value ${v == null ? 'unknown' : BARS[game.name] || ''} ${this.tall ? 'tall' : ''}`;
    this.fill.style.width = `${100 * (v ?? 0)}%`;
    const [first, , second] = chances(game, winrate, draw);
    this.bar.setAttribute('aria-label', v == null ? 'Nobody has judged this position' : `${first}, ${second}`);
  }
}

// Both sides' chances as one line under the bar. The server counts a draw as half a win.
export function chances(game, winrate, draw, score) {
  if (winrate == null) return ['', '', ''];
  const half = (draw || 0) / 2, win = Math.max(0, winrate - half), loss = Math.max(0, 1 - winrate - half);
  const middle = draw >= 0.005 ? [`draw ${percent(draw)}`] : [];
  if (game.has_score && score != null) {
    middle.push(`${side(game, score < 0 ? 'w' : 'b')} +${Math.abs(score).toFixed(1)}`);
  }
  return [`${sideName(game.name, 0)} ${percent(win)}`, middle.join(', '), `${sideName(game.name, 1)} ${percent(loss)}`];
}
