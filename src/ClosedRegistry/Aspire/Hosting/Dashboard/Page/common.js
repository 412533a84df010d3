'use strict';

// Everything from outside becomes text of the page, never markup.
function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name === 'vars') Object.entries(value).forEach(([key, one]) => element.style.setProperty(key, one));
    else if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter(child => child !== null && child !== undefined && child !== ''));
  return element;
}

const main = document.getElementById('main');
const notice = document.getElementById('notice');

async function ask(path, options) {
  try {
    const answer = await fetch(path, { signal: AbortSignal.timeout(options?.method ? 120000 : 10000), ...options });
    if (answer.ok) { notice.textContent = ''; return await answer.json(); }
    if (answer.status === 401) notice.textContent = await answer.text();
    return answer.headers.get('content-type')?.includes('json') ? await answer.json() : null;
  } catch {
    notice.textContent = 'The AppHost does not answer: is it still running?';
    return null;
  }
}

const two = number => String(number).padStart(2, '0');
const clock = date => `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;

function span(ms) {
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms < 1000) return `${ms.toFixed(ms < 10 ? 2 : 1)} ms`;
  if (ms < 60000) return `${(ms / 1000).toFixed(2)} s`;
  return age(ms / 1000);
}

function age(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} min`;
}

// A service keeps its colour; those seen first are told apart best.
const hues = [212, 28, 142, 282, 350, 178, 52, 318, 92, 245];
const colours = new Map();

function hue(name) {
  if (!colours.has(name)) colours.set(name, hues[colours.size % hues.length]);
  return { '--hue': String(colours.get(name)) };
}
