'use strict';

// Which view is shown, and how often it asks

let view = null;
let turn = 0;

async function go() {
  const [, tab = 'resources', name = ''] = location.hash.split('/').map(decodeURIComponent);
  view = tab === 'logs' ? logs : tab === 'traces' ? (name ? trace : traces) : resources;
  for (const link of document.querySelectorAll('nav a')) link.classList.toggle('here', link.dataset.tab === view.tab);
  const mine = ++turn;
  view.open(name);
  while (mine === turn) {
    if (!document.hidden) await view.poll();
    await new Promise(resolve => setTimeout(resolve, view.every));
  }
}

addEventListener('hashchange', go);
ask('/api/resources').then(data => {
  if (data?.application) document.title = document.getElementById('application').textContent = data.application;
});
go();
