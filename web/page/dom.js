// Elements made in code. Text becomes a text node, never markup.

import { svg } from './boards.js';

// el('p.note', {title: 'x', onclick: f}, 'text', child): properties that an element has are set as
// such, all others as attributes; null children are left out.
export function el(what, properties = {}, ...children) {
  const [tag, ...classes] = what.split('.');
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(' ');
  for (const [key, value] of Object.entries(properties)) {
    if (value == null) continue;
    if (key in element && !key.includes('-') && key !== 'list' && key !== 'form') element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

// A control with its label above it.
export const field = (name, control) => el('label.field', {}, el('span', {}, name), control);

// A check box with its label behind it.
export function check(name, checked, onchange) {
  const box = el('input', { type: 'checkbox', checked, onchange: () => onchange(box.checked) });
  return el('label.choice', {}, box, name);
}

// A select of [value, text] pairs.
export function select(pairs, value, onchange) {
  const box = el('select', { onchange: () => onchange && onchange(box.value) });
  setOptions(box, pairs, value);
  return box;
}

// Replaces the options only where they differ, so that an open list is left alone.
export function setOptions(box, pairs, value = box.value) {
  const key = JSON.stringify(pairs);
  if (box.dataset.key !== key) {
    box.dataset.key = key;
    box.replaceChildren(...pairs.map(([v, text]) => el('option', { value: String(v) }, text)));
  }
  const wanted = pairs.find(([v]) => String(v) === String(value)) || pairs[0];
  if (wanted) box.value = String(wanted[0]);
}

// Writes text only where it differs, so that a screen reader is not told the same twice.
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const STEPS = {
  start: 'M2 3h2v10H2zM14 3v10L5 8z', back: 'M12 3v10L4 8z', on: 'M4 3v10l8-5z', end: 'M12 3h2v10h-2zM2 3v10l9-5z',
};

// A button that steps through a game.
export function stepButton(kind, label, onclick) {
  const sign = svg('svg', { width: 16, height: 16, viewBox: '0 0 16 16', 'aria-hidden': 'true' }, svg('path', { d: STEPS[kind] }));
  return el('button', { type: 'button', 'aria-label': label, title: label, onclick }, sign);
}
