'use strict';

const levels = { Trace: 'trce', Debug: 'dbug', Information: 'info', Warning: 'warn', Error: 'fail', Critical: 'crit' };

const logs = {
  tab: 'logs',
  every: 700,
  most: 5000,

  async open(name) {
    this.name = name;
    this.last = 0;
    this.lines = h('div', { className: 'log', tabIndex: 0 });
    this.text = h('input', { type: 'search', placeholder: 'Show lines with …', oninput: () => this.sift() });
    this.warnings = h('input', { type: 'checkbox', onchange: () => this.sift() });
    this.follow = h('input', { type: 'checkbox', checked: true, onchange: () => this.toEnd() });
    this.lines.onscroll = () => {
      this.follow.checked = this.lines.scrollHeight - this.lines.scrollTop - this.lines.clientHeight < 40;
    };
    const pick = h('select', { onchange: () => { location.hash = `#/logs/${encodeURIComponent(pick.value)}`; } });
    main.replaceChildren(
      h('div', { className: 'tools' }, pick, this.text, h('label', {}, this.warnings, 'Warnings and errors only'), h('label', {}, this.follow, 'Follow')),
      this.lines);
    const data = await ask('/api/resources');
    if (!data?.resources || view !== this) return;
    pick.append(...data.resources.map(one => h('option', { value: one.name, selected: one.name === name }, one.name)));
    if (!name && data.resources.length > 0) location.replace(`#/logs/${encodeURIComponent(data.resources[0].name)}`);
  },

  async poll() {
    if (!this.name) return;
    const name = this.name;
    const data = await ask(`/api/resources/${encodeURIComponent(name)}/log?after=${this.last}`);
    if (!data?.lines || view !== this || name !== this.name) return;
    this.last = data.last;
    if (data.lines.length === 0) return;
    this.lines.append(...data.lines.map(line => this.line(line)));
    while (this.lines.childElementCount > this.most) this.lines.firstChild.remove();
    this.toEnd();
  },

  line(line) {
    const text = line.text.replace(/\x1b\[[0-9;]*m/g, '');
    let entry = null;
    if (text.startsWith('{')) {
      try { entry = JSON.parse(text); } catch { /* cut off, or another's brace: shown as it is */ }
    }
    let element;
    if (entry && typeof entry.Message === 'string') {
      const bad = ['Error', 'Critical'].includes(entry.LogLevel);
      const kind = bad ? 'bad' : entry.LogLevel === 'Warning' ? 'wait' : 'quiet';
      const exception = entry.Exception ? `\n${String(entry.Exception).split('\n')[0]}` : '';
      element = h('div', { className: 'line json', title: 'Click for all of it' },
        h('span', { className: 'quiet' }, entry.Timestamp ? clock(new Date(entry.Timestamp)) : ''),
        h('span', { className: kind }, levels[entry.LogLevel] ?? ''),
        h('span', { className: 'what' }, h('span', { className: 'quiet' }, entry.Category ? `${entry.Category.split('.').pop()} ` : ''), entry.Message + exception));
      element.onclick = () => {
        if (getSelection().isCollapsed === false) return; // somebody copies text
        const shown = element.querySelector('pre');
        if (shown) shown.remove(); else element.append(h('pre', {}, this.details(entry)));
      };
      element.warns = bad || entry.LogLevel === 'Warning';
    } else {
      element = h('div', { className: 'line' }, h('span'), h('span', { className: 'bad' }, line.isError ? 'err' : ''), h('span', { className: 'what' }, text));
      element.warns = line.isError;
    }
    element.said = text.toLowerCase();
    element.hidden = !this.suits(element);
    return element;
  },

  details(entry) {
    const { Timestamp, LogLevel, Message, State, ...rest } = entry;
    const { Message: again, '{OriginalFormat}': format, ...values } = State ?? {};
    return JSON.stringify({ ...rest, ...values }, null, 2).replaceAll('\\n', '\n').replaceAll('\\u0027', "'");
  },

  suits(element) {
    return (!this.warnings.checked || element.warns) && element.said.includes(this.text.value.toLowerCase());
  },

  sift() {
    for (const line of this.lines.children) line.hidden = !this.suits(line);
    this.toEnd();
  },

  toEnd() {
    if (this.follow.checked) this.lines.scrollTop = this.lines.scrollHeight;
  },
};
