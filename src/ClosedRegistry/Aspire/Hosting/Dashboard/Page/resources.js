'use strict';

const resources = {
  tab: 'resources',
  every: 1000,
  rows: new Map(),

  open() {
    this.rows.clear();
    this.body = h('tbody');
    const heads = ['Resource', 'State', 'Addresses', 'Process', 'Up for', 'Restarts', ''];
    main.replaceChildren(h('table', {}, h('thead', {}, h('tr', {}, heads.map(head => h('th', {}, head)))), this.body));
  },

  async poll() {
    const data = await ask('/api/resources');
    if (!data?.resources || view !== this) return;
    for (const one of data.resources) {
      let row = this.rows.get(one.name);
      const looks = JSON.stringify(one);
      if (row?.looks !== looks) {
        const element = this.row(one);
        if (row) row.element.replaceWith(element); else this.body.append(element);
        this.rows.set(one.name, row = { element, looks });
      }
      const up = one.state === 'Running' && one.startedAt;
      row.element.children[4].textContent = up ? age((Date.parse(data.now) - Date.parse(one.startedAt)) / 1000) : '';
    }
  },

  row(one) {
    const running = one.state === 'Running';
    const down = ['NotStarted', 'Exited', 'Finished', 'FailedToStart'].includes(one.state);
    const kind = running ? (one.health === 'Healthy' ? 'good' : 'wait') : (down ? 'bad' : 'wait');
    const words = running ? (one.health === 'Healthy' ? 'Running' : `Running, ${one.health?.toLowerCase()}`)
      : down && one.exitCode !== null ? `${one.state} (code ${one.exitCode})` : one.state;
    const ill = one.checks.filter(check => running && check.status !== 'Healthy' && check.description);
    const run = (command, enabled) => h('button', {
      type: 'button',
      disabled: !enabled,
      onclick: async event => {
        event.target.disabled = true;
        const result = await ask(`/api/resources/${encodeURIComponent(one.name)}/${command}`, { method: 'POST' });
        if (result && !result.success) notice.textContent = result.message;
        event.target.disabled = false;
        resources.poll();
      },
    }, command[0].toUpperCase() + command.slice(1));
    return h('tr', {},
      h('td', {}, h('a', { href: `#/logs/${encodeURIComponent(one.name)}`, title: 'Its log' }, one.name), h('div', { className: 'note' }, one.type)),
      h('td', {}, h('span', { className: `state ${kind}` }, words), ill.map(check => h('div', { className: 'note' }, check.description))),
      h('td', { className: 'mono' }, one.urls.map(url => h('div', {}, h('span', { className: 'quiet' }, `${url.name} `),
        url.url.startsWith('http') ? h('a', { href: url.url, target: '_blank', rel: 'noreferrer' }, url.url) : url.url))),
      h('td', { className: 'mono' }, running ? one.pid ?? '' : ''),
      h('td'),
      h('td', {}, String(one.restarts)),
      h('td', {}, h('div', { className: 'actions' }, run('start', down), run('stop', !down && one.state !== 'Stopping'), run('restart', running))));
  },
};
