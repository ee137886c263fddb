// Puts the page together: header, overview, diagram, panel, keys.

(() => {
  const root = document.getElementById('app');
  const models = data.traces.map(t => new Model(t));
  let model = models[0], selected = 0, sticky = null;

  const scroller = h('div', { class: 'scroller', tabindex: '0', role: 'application', 'aria-label': 'Events. Arrow keys move; question mark lists the keys.' });
  const aside = h('aside', { class: 'panel', 'aria-label': 'Event' });
  const said = h('div', { class: 'said', 'aria-live': 'polite' });
  const overview = h('canvas', { class: 'overview', role: 'img', 'aria-label': 'overview of all events; click to go there' });
  const window_ = h('div', { class: 'window' });
  const tabs = h('div', { class: 'tabs', role: 'tablist' });
  const message = h('p', { class: 'message' });
  const facts = h('p', { class: 'facts' });
  const story = h('div', { class: 'storyBox' });
  const detail = h('div', { class: 'detail' });
  const keys = h('dialog', { class: 'keys' });
  const panel = new Panel(detail, i => pick(i));
  aside.append(story, detail);

  const diagram = new Diagram(scroller, pick, (i, mark) => {
    diagram.hover(i);
    if (i >= 0) panel.show(model, i, mark);
    else panel.show(model, selected, sticky);
  }, toggle);
  diagram.onDraw = (at, part) => {
    window_.style.left = Math.min(99, at * 100) + '%';
    window_.style.width = Math.max(0.6, Math.min(1 - at, part) * 100) + '%';
  };

  function pick(index, mark, where) {
    if (index < 0 || index >= model.events.length) return;
    const stretch = model.stretchOf(index);
    if (stretch >= 0 && !model.open.has(stretch)) toggle(stretch);
    selected = index;
    sticky = mark || null;
    diagram.selected = index;
    diagram.hovered = -1;
    diagram.reveal(index, where);
    panel.show(model, index, mark);
    const e = model.events[index];
    said.textContent = 'Event ' + (index + 1) + ', ' + model.threads[e.thread] + ' ' + e.label + (mark ? '. ' + mark.words : '');
    history.replaceState(null, '', '#' + (models.indexOf(model) ? 'found-' : '') + (index + 1));
  }

  function toggle(from) {
    if (model.open.has(from)) model.open.delete(from);
    else model.open.add(from);
    model.layOut();
    diagram.measure();
    drawOverview();
  }

  function foldAll(fold) {
    model.open = fold ? new Set() : new Set(model.folds.keys());
    model.layOut();
    diagram.measure();
    drawOverview();
    diagram.reveal(selected);
  }

  function failure() {
    const mark = model.marks.find(m => m.kind === 'Failure') || model.marks[model.marks.length - 1];
    pick(model.failure(), mark, 0.68); // below the middle: what led to it matters more than what came after
  }

  function choose(next) {
    model = next;
    diagram.selected = diagram.hovered = -1;
    [...tabs.children].forEach((tab, i) => tab.setAttribute('aria-selected', String(models[i] === model)));
    message.textContent = model.message;
    facts.textContent = [
      model.threads.length + ' threads', model.events.length.toLocaleString('en') + ' events', model.switches.toLocaleString('en') + ' switches',
      model.preemptions + (model.preemptions === 1 ? ' preemption' : ' preemptions'), data.found].join(' · ');
    const told = panel.story(model);
    story.replaceChildren(...(told ? [told] : []));
    diagram.show(model);
    drawOverview();
    failure();
  }

  function drawOverview() {
    const n = model.threads.length, each = Math.max(1, Math.min(6, Math.floor(60 / n))), height = n * each + 8;
    const ratio = window.devicePixelRatio || 1, width = overview.parentElement.clientWidth;
    overview.width = width * ratio;
    overview.height = height * ratio;
    overview.style.height = height + 'px';
    const c = overview.getContext('2d'), style = getComputedStyle(document.documentElement);
    c.scale(ratio, ratio);
    const at = i => diagram.y(i) / diagram.total * width;
    for (const run of model.runs) {
      c.fillStyle = style.getPropertyValue('--t' + run.thread % 8);
      const x = at(run.from);
      c.fillRect(x, 4 + run.thread * each, Math.max(1, at(run.to) - x + 1), Math.max(1, each - 1));
    }
    c.fillStyle = style.getPropertyValue('--bad');
    for (const mark of model.marks) c.fillRect(at(Math.max(0, mark.event)) - 1, 0, 3, height);
  }

  overview.addEventListener('click', e => {
    scroller.scrollTop = e.offsetX / overview.clientWidth * diagram.total - scroller.clientHeight / 2;
  });

  const find = (from, step, wanted) => {
    for (let i = from + step; i >= 0 && i < model.events.length; i += step) if (wanted(model.events[i])) return i;
    return -1;
  };
  const visible = step => find(selected, step, e => {
    const row = model.rows[model.rowOf[e.index]];
    return row.type === 'event';
  });
  const same = step => find(selected, step, e => e.thread === model.events[selected].thread);
  const touch = step => model.events[selected].object < 0 ? -1 : find(selected, step, e => e.object === model.events[selected].object);
  const bindings = [
    [['ArrowDown', 'j'], 'next event', () => pick(visible(1))],
    [['ArrowUp', 'k'], 'previous event', () => pick(visible(-1))],
    [['ArrowRight', 'l'], 'next event of this thread', () => pick(same(1))],
    [['ArrowLeft', 'h'], 'previous event of this thread', () => pick(same(-1))],
    [['n'], 'next preemption', () => pick(find(selected, 1, e => e.preempts))],
    [['p'], 'previous preemption', () => pick(find(selected, -1, e => e.preempts))],
    [['o'], 'next use of the same object', () => pick(touch(1))],
    [['i'], 'previous use of the same object', () => pick(touch(-1))],
    [['r'], 'where this event’s value or lock comes from', () => {
      const edge = model.events[selected].into[0];
      if (edge) pick(edge.from);
    }],
    [['f'], 'the failure', failure],
    [['Enter', ' '], 'fold or unfold the stretch of this event', () => {
      const stretch = model.stretchOf(selected);
      if (stretch >= 0) toggle(stretch);
    }],
    [['e'], 'unfold everything', () => foldAll(false)],
    [['c'], 'fold everything', () => foldAll(true)],
    [['s'], 'shrunk or as found', () => models.length > 1 && choose(models[(models.indexOf(model) + 1) % models.length])],
    [['t'], 'light or dark', theme],
    [['?'], 'this list', () => keys.showModal()],
  ];
  keys.append(h('h2', {}, 'Keys'), h('dl', {}, ...bindings.flatMap(([names, what]) => [
    h('dt', {}, ...names.map(n => h('kbd', {}, { ArrowDown: '↓', ArrowUp: '↑', ArrowRight: '→', ArrowLeft: '←', ' ': 'Space' }[n] || n))), h('dd', {}, what)])),
  h('form', { method: 'dialog' }, h('button', {}, 'Close')));

  document.addEventListener('keydown', e => {
    if (e.ctrlKey || e.metaKey || e.altKey || keys.open || e.target.closest('button, summary') && (e.key === 'Enter' || e.key === ' ')) return;
    const binding = bindings.find(([names]) => names.includes(e.key));
    if (binding) {
      e.preventDefault();
      binding[2]();
    }
  });

  function theme() {
    const dark = getComputedStyle(document.documentElement).getPropertyValue('--dark').trim() === '1';
    document.documentElement.dataset.theme = dark ? 'light' : 'dark';
    drawOverview();
  }

  function legend() {
    const item = (shape, words) => h('span', {}, shape, words);
    const sample = (...nodes) => svg('svg', { width: 16, height: 14, 'aria-hidden': 'true' }, ...nodes);
    const line = kind => svg('svg', { width: 26, height: 14, 'aria-hidden': 'true' }, svg('path', { d: 'M1 7H19', class: 'arrow ' + kind }), svg('path', { d: 'M18 3L25 7L18 11z', class: 'tip ' + kind }));
    const shape = cls => sample(diagram.symbol.call({ columns: true }, { cls, thread: 0, kind: '' }, 8, 7));
    return h('p', { class: 'legend' }, item(shape('read'), 'read'), item(shape('write'), 'write'), item(shape('update'), 'atomic'), item(shape('lock'), 'lock'),
      item(line('ReadsFrom'), 'reads from'), item(line('HandOver'), 'lock hand-over'), item(line('Start'), 'start, join'),
      item(svg('svg', { width: 26, height: 14, 'aria-hidden': 'true' }, svg('path', { d: 'M1 7H25', class: 'baton cut' })), 'preemption'));
  }

  tabs.append(...models.map(m => h('button', { role: 'tab', on: () => choose(m) }, m.name,
    h('small', {}, ' ' + m.preemptions + (m.preemptions === 1 ? ' preemption' : ' preemptions')))));
  const copy = h('button', { class: 'command', title: 'copy', on: () => navigator.clipboard && navigator.clipboard.writeText(data.command) }, data.command);
  root.append(
    h('header', {},
      h('div', { class: 'titles' },
        h('h1', {}, h('span', { class: 'kind' }, data.kind), ' ' + data.test, data.variant ? h('span', { class: 'variant' }, ' ' + data.variant) : null),
        h('div', { class: 'tools' }, models.length > 1 ? tabs : null, h('button', { title: 'light or dark (t)', on: theme }, '◐'), h('button', { title: 'keys (?)', on: () => keys.showModal() }, '?'))),
      message, facts, copy, legend(),
      h('div', { class: 'overviewBox' }, overview, window_)),
    h('main', {}, scroller, aside), said, keys);

  const asked = /^#(found-)?(\d+)$/.exec(location.hash);
  choose(asked && asked[1] && models[1] || models[0]);
  if (asked) pick(Math.min(Number(asked[2]), model.events.length) - 1);
  let width = scroller.clientWidth;
  window.addEventListener('resize', () => {
    if (scroller.clientWidth === width) return diagram.draw();
    width = scroller.clientWidth;
    diagram.measure();
    drawOverview();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawOverview);
  scroller.focus({ preventScroll: true });
})();
