'use strict';

const traces = {
  tab: 'traces',
  every: 2000,
  service: '', words: '', several: true, errors: false,

  open() {
    this.looks = '';
    this.pick = h('select', { onchange: () => { this.service = this.pick.value; this.poll(); } }, h('option', { value: '' }, 'All services'));
    const text = h('input', { type: 'search', placeholder: 'Trace id, name, attribute …', value: this.words, oninput: () => { this.words = text.value; this.poll(); } });
    const box = (name, label) => h('label', {}, h('input', {
      type: 'checkbox', checked: this[name], onchange: event => { this[name] = event.target.checked; this.poll(); },
    }), label);
    this.summary = h('span', { className: 'quiet rest' });
    this.body = h('tbody');
    this.none = h('p', { className: 'empty' }, 'No traces yet.');
    const head = h('tr', {}, h('th', {}, 'Start'), h('th', {}, 'Trace'), h('th', {}, 'Services and their spans'), h('th', { className: 'number' }, 'Spans'), h('th', { className: 'number' }, 'Duration'));
    main.replaceChildren(
      h('div', { className: 'tools' }, this.pick, text, box('several', 'Across services only'), box('errors', 'Failed only'), this.summary),
      h('table', {}, h('thead', {}, head), this.body), this.none);
  },

  async poll() {
    const query = new URLSearchParams({ service: this.service, text: this.words, several: this.several, errors: this.errors });
    const data = await ask(`/api/traces?${query}`);
    if (!data?.traces || view !== this) return;
    const { state } = data;
    this.summary.textContent = `${state.traces} traces, ${state.spans} spans, ${(state.weight / 1048576).toFixed(1)} of ${state.capacity / 1048576} MiB; the oldest make room`;
    const services = ['', ...state.services];
    if (services.join() !== [...this.pick.options].map(option => option.value).join()) {
      this.pick.replaceChildren(...services.map(name => h('option', { value: name, selected: name === this.service }, name || 'All services')));
    }
    const looks = JSON.stringify(data.traces);
    if (looks === this.looks) return;
    this.looks = looks;
    this.none.hidden = data.traces.length > 0;
    this.body.replaceChildren(...data.traces.map(one => h('tr', {},
      h('td', { className: 'mono' }, clock(new Date(one.start))),
      h('td', {}, h('a', { href: `#/traces/${one.id}` }, one.name), one.isWhole ? '' : h('span', { className: 'note' }, ' (beginning not here)'),
        one.errors ? h('span', { className: 'bad' }, ` ${one.errors} failed`) : ''),
      h('td', {}, one.services.map(service => h('span', { className: 'chip', vars: hue(service.name) }, `${service.name} ${service.spans}`))),
      h('td', { className: 'number' }, String(one.spans)),
      h('td', { className: 'number' }, span(one.duration)))));
  },
};

const trace = {
  tab: 'traces',
  every: 2000,

  open(id) {
    this.id = id;
    this.count = -1;
    this.opened = new Set();
    this.box = h('div', {}, h('p', { className: 'empty' }, 'Loading …'));
    main.replaceChildren(this.box);
  },

  async poll() {
    const data = await ask(`/api/traces/${this.id}`);
    if (view !== this) return;
    if (!data?.trace) {
      if (this.count < 0) this.box.replaceChildren(h('p', { className: 'empty' }, 'This trace is not here (any more). ', h('a', { href: '#/traces' }, 'All traces')));
      return;
    }
    if (data.trace.spans === this.count) return; // spans only come, and late ones change the whole picture
    this.count = data.trace.spans;
    this.show(data);
  },

  show({ trace: whole, spans }) {
    const marks = [0, .25, .5, .75, 1].map(part => h('span', {}, span(whole.duration * part)));
    this.box.replaceChildren(
      h('div', { className: 'tools' }, h('a', { href: '#/traces' }, '← All traces'), h('strong', {}, whole.name), h('code', { className: 'quiet' }, whole.id),
        h('span', { className: 'rest' }, whole.services.map(one => h('span', { className: 'chip', vars: hue(one.name) }, `${one.name} ${one.spans}`)),
          ` ${whole.spans} spans, ${span(whole.duration)}, ${new Date(whole.start).toLocaleString()}`)),
      h('div', { className: 'waterfall' },
        h('div', { className: 'span head' }, h('span', {}, 'Span'), h('div', { className: 'axis' }, marks), h('span', { className: 'number' }, 'Duration')),
        this.tree(spans).flatMap(one => this.row(one, whole))),
      spans.length < whole.spans ? h('p', { className: 'note' }, `The first ${spans.length} of ${whole.spans} spans.`) : '');
  },

  // Children below their parents, each by its start.
  tree(spans) {
    const known = new Set(spans.map(one => one.id));
    const children = new Map();
    for (const one of spans) {
      const parent = known.has(one.parentId) ? one.parentId : '';
      children.set(parent, [...(children.get(parent) ?? []), one]);
    }
    const rows = [];
    const waiting = (children.get('') ?? []).map(one => ({ ...one, depth: 0, lost: one.parentId !== null })).reverse();
    while (waiting.length > 0) {
      const one = waiting.pop();
      rows.push(one);
      waiting.push(...(children.get(one.id) ?? []).map(child => ({ ...child, depth: one.depth + 1 })).reverse());
    }
    return rows;
  },

  row(one, whole) {
    const part = ms => `${(100 * ms / (whole.duration || 1)).toFixed(3)}%`;
    const bar = h('div', { className: 'bar' });
    bar.style.left = part(one.start);
    bar.style.width = part(one.duration);
    const row = h('div', { className: `span${one.status === 'error' ? ' error' : ''}`, vars: { ...hue(one.service), '--depth': String(Math.min(one.depth, 20)) }, title: one.name },
      h('div', { className: 'name' }, h('strong', {}, one.service), ` ${one.name}`, h('span', { className: 'quiet mono' }, this.hint(one)), one.kind ? h('span', { className: 'quiet' }, ` ${one.kind}`) : '',
        one.lost ? h('span', { className: 'note' }, ' (its parent is not here)') : '', one.status === 'error' ? h('span', { className: 'bad' }, ' failed') : ''),
      h('div', { className: 'track' }, bar),
      h('span', { className: 'number mono' }, span(one.duration)));
    const detail = this.detail(one);
    detail.hidden = !this.opened.has(one.id);
    row.onclick = () => {
      detail.hidden = !detail.hidden;
      if (detail.hidden) this.opened.delete(one.id); else this.opened.add(one.id);
    };
    return [row, detail];
  },

  // Database spans are all named alike: what is asked tells them apart.
  hint(one) {
    const query = one.attributes.find(([key]) => key === 'db.query.text' || key === 'db.statement');
    return query ? ` ${query[1].replace(/\s+/g, ' ').slice(0, 120)}` : '';
  },

  detail(one) {
    const pairs = list => list.map(([key, value]) => h('tr', {}, h('td', {}, key), h('td', { className: 'mono' }, value)));
    const status = one.message ? `${one.status}: ${one.message}` : one.status;
    return h('div', { className: 'detail' },
      h('table', {}, h('tbody', {},
        pairs([['starts after', span(one.start)], ['status', status], ['source', one.scope], ['span', one.id], ...one.attributes]),
        one.events.flatMap(event => [h('tr', {}, h('td', { colSpan: 2 }, h('strong', {}, `${event.name} `), `after ${span(event.at)}`)), ...pairs(event.attributes)]))));
  },
};
