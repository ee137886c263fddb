// What is known about one event: its source, what it depends on, the state of what it touched, its stack; and the whole failure as a short story.

function h(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === 'on') node.addEventListener('click', value);
    else if (name === 'c') node.style.setProperty('--c', value);
    else node.setAttribute(name, value);
  }
  node.append(...children.filter(c => c !== null && c !== undefined)); // strings become text, never markup
  return node;
}

class Panel {
  constructor(root, pick) {
    this.root = root;
    this.pick = pick;
  }

  chip(model, thread) {
    return h('span', { class: 'chip', c: colour(thread) }, model.threads[thread]);
  }

  link(model, index, words) {
    return h('button', { class: 'link', on: () => this.pick(index) }, '#' + (index + 1) + (words ? ' ' + words : ''));
  }

  show(model, index, mark) {
    const e = model.events[index], parts = [];
    if (!e) return;
    mark = mark || model.marks.find(m => m.event === index);
    if (mark) {
      parts.push(h('section', { class: 'verdict ' + mark.kind },
        h('h2', {}, { Blocked: '⏸ Waits for ever ', RaceSide: '✗ One side of the race ', Cause: '⇒ What it needs, and what prevents it ' }[mark.kind] || '✗ The failure ', this.chip(model, mark.thread)),
        mark.words === model.message ? null : h('p', {}, mark.words)));
      const stack = model.stacks[mark.stack];
      if (stack) parts.push(this.source(stack[0].file, stack[0].line, { Blocked: 'waits here', RaceSide: 'this side' }[mark.kind] || 'thrown here'), this.stack(stack, { Blocked: 'Stack of the wait', RaceSide: 'Stack of this side' }[mark.kind] || 'Stack of the failure'));
    }
    parts.push(h('section', {},
      h('h2', {}, h('span', { class: 'no' }, '#' + (index + 1)), ' ', this.chip(model, e.thread), mark && mark.event === index ? ' the event before it' : ''),
      h('p', { class: 'what' }, e.label),
      e.operation === '(unknown)' ? null : h('p', { class: 'muted' }, e.operation + (model.place(e) ? ' at ' + model.place(e) : '') + ' in ' + e.method),
      e.waited >= 0 ? h('p', { class: 'muted' }, 'had to wait since ', this.link(model, e.waited)) : null,
      e.preempts ? h('p', { class: 'cutNote' }, '⚡ preempts ' + model.threads[model.events[index - 1].thread]) : null));
    if (e.line > 0 && !mark) parts.push(this.source(e.file, e.line));
    parts.push(this.order(model, e), this.state(model, e));
    if (model.stacks[e.stack]) parts.push(this.stack(model.stacks[e.stack], mark ? 'Stack of the event' : 'Stack'));
    this.root.replaceChildren(...parts.filter(p => p));
  }

  source(file, line, note) {
    const lines = data.sources[file];
    if (!lines) return null;
    const near = [];
    for (let i = line - 4; i <= line + 4; i++) if (lines[i] && lines[i].trim()) near.push(lines[i].search(/\S/));
    const indent = Math.min(...near), rows = [];
    for (let i = line - 4; i <= line + 4; i++) {
      if (lines[i] !== undefined) rows.push(h('div', { class: i === line ? 'line here' : 'line' }, h('span', { class: 'ln' }, String(i)), h('span', {}, lines[i].slice(indent) || ' ')));
    }
    return rows.length === 0 ? null : h('section', {}, h('h3', {}, shortFile(text(file)) + ':' + line + (note ? ' · ' + note : '')), h('div', { class: 'source' }, ...rows));
  }

  order(model, e) {
    const item = (edge, other, words) => {
      const o = model.events[other];
      return h('li', { class: edge.kind }, words + ' ', this.link(model, other), ' ', this.chip(model, o.thread), h('span', { class: 'muted' }, ' ' + o.label));
    };
    const into = e.into.map(edge => item(edge, edge.from, edgeWords[edge.kind][0]));
    const all = e.outOf.length, outOf = e.outOf.slice(0, 6).map(edge => item(edge, edge.to, edgeWords[edge.kind][1]));
    if (all > 6) outOf.push(h('li', { class: 'muted' }, 'and ' + (all - 6) + ' more'));
    return into.length + outOf.length === 0 ? null : h('section', {}, h('h3', {}, 'Order'), h('ul', { class: 'order' }, ...into, ...outOf));
  }

  state(model, e) {
    if (e.object < 0) return null;
    const object = model.objects[e.object], items = [];
    if (object.kind === 'Lock') {
      const { owner, waiting } = model.lockAt(e.object, e.index);
      items.push(h('p', {}, owner < 0 ? 'free after this event' : 'held by ', owner < 0 ? null : this.chip(model, owner),
        ...(waiting.length ? [', waited for by ', ...waiting.map(t => this.chip(model, t))] : [])));
    } else if (e.value !== null) {
      items.push(h('p', {}, e.before !== null && e.before !== e.value ? e.before + ' → ' : '', h('strong', {}, e.value)));
    }
    const at = object.events.indexOf(e.index), near = object.events.slice(Math.max(0, at - 5), at + 5);
    const history = near.map(i => {
      const o = model.events[i];
      return h('li', { class: i === e.index ? 'here' : '' }, this.link(model, i), ' ', this.chip(model, o.thread), ' ' + o.label.replace(' ' + object.name, ''));
    });
    return h('section', {}, h('h3', {}, object.name), ...items,
      h('ul', { class: 'history' }, at > 5 ? h('li', { class: 'muted' }, (at - 5) + ' earlier') : null, ...history,
        object.events.length > at + 5 ? h('li', { class: 'muted' }, (object.events.length - at - 5) + ' later') : null));
  }

  stack(frames, title) {
    return h('section', {}, h('h3', {}, title), h('ol', { class: 'stack' }, ...frames.map(f =>
      h('li', { title: text(f.file) }, f.method, f.line > 0 ? h('span', { class: 'muted' }, ' ' + shortFile(text(f.file)) + ':' + f.line) : null))));
  }

  story(model) {
    if (model.runs.length > 60) return null;
    return h('details', model.runs.length <= 9 ? { class: 'story', open: '' } : { class: 'story' }, h('summary', {}, 'What happened, in ' + model.runs.length + ' steps'), h('ol', {}, ...model.runs.map(run => {
      const last = model.events[run.to];
      const failed = model.marks.some(m => m.event >= run.from && m.event <= run.to && m.thread === run.thread);
      return h('li', {}, this.chip(model, run.thread), ' ',
        run.from === run.to ? this.link(model, run.from) : h('span', {}, this.link(model, run.from), ' to ', this.link(model, run.to)), ' ',
        h('span', { class: failed ? 'bad' : run.preempted ? 'cutNote' : 'muted' },
          (failed ? 'fails' : run.preempted ? 'preempted after: ' : 'up to: ') + (failed ? '' : last.label)));
    })));
  }
}
