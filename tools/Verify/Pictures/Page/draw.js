// The diagram: lanes, events and arrows as SVG. Only the rows in sight exist, so that ten thousand events scroll like fifty.

const IDLE = 175, ROW = 40, BARE = 28, FOLD = 26, GAP = 18, LINE = 17, CHAR = 7.25, SMALL = 6.65, OVERSCAN = 12;
const svg = (tag, attributes = {}, ...children) => {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};
const colour = thread => 'var(--t' + (thread % 8) + ')';
const cut = (words, room) => words.length <= room ? words : room < 2 ? '' : words.slice(0, room - 1) + '…';

function wrap(words, room) {
  const lines = [];
  let rest = words;
  while (rest.length > room) {
    let at = rest.lastIndexOf(' ', room);
    if (at < room / 2) at = room;
    lines.push(rest.slice(0, at));
    rest = rest.slice(at).trimStart();
  }
  return [...lines, rest];
}

class Diagram {
  constructor(scroller, onPick, onHover, onToggle) {
    this.scroller = scroller;
    this.onPick = onPick;
    this.onHover = onHover;
    this.onToggle = onToggle;
    this.root = svg('svg', { class: 'diagram', role: 'img', 'aria-label': 'events by thread, in order' });
    this.back = svg('g');
    this.arrowLayer = svg('g');
    this.rowLayer = svg('g');
    this.root.append(this.back, this.arrowLayer, this.rowLayer);
    this.heads = document.createElement('div');
    this.heads.className = 'heads';
    scroller.append(this.heads, this.root);
    scroller.addEventListener('scroll', () => this.request(), { passive: true });
    this.selected = -1;
    this.hovered = -1;
  }

  show(model) {
    this.model = model;
    this.measure();
  }

  measure() {
    const m = this.model, width = Math.max(300, this.scroller.clientWidth), n = m.threads.length;
    this.width = width;
    this.gutter = String(m.events.length).length * 7 + 18;
    // A thread that does little, as one that starts and joins the others, needs no wide lane.
    const counts = m.threads.map(() => 0);
    for (const e of m.events) counts[e.thread]++;
    const idle = counts.map(c => n > 1 && c < m.events.length * 0.1), idlers = idle.filter(i => i).length;
    const wide = (width - this.gutter - idlers * IDLE) / Math.max(1, n - idlers);
    this.columns = wide >= 190 && idlers < n;
    this.pitch = this.columns ? IDLE : Math.max(3, Math.min(20, width * 0.3 / n));
    this.lanes = idle.map(i => this.columns ? (i ? IDLE : wide) : this.pitch);
    this.lefts = [];
    this.lanes.reduce((left, lane, t) => (this.lefts[t] = left) + lane, this.gutter);
    this.tops = new Float64Array(m.rows.length + 1);
    let y = 6;
    m.rows.forEach((row, i) => {
      this.tops[i] = y;
      y += this.height(row);
    });
    this.tops[m.rows.length] = y;
    this.total = y + 30;
    this.waits = m.events.filter(e => e.waited >= 0);
    this.root.setAttribute('width', width);
    this.root.setAttribute('height', this.total);
    this.drawHeads();
    this.draw();
  }

  height(row) {
    if (row.type === 'fold') return FOLD;
    if (row.type === 'mark') {
      row.lines = wrap(row.mark.words, Math.floor((this.markWidth(row) - 44) / CHAR));
      return row.lines.length * LINE + 24;
    }
    const e = this.model.events[row.event];
    return (e.line > 0 ? ROW : BARE) + (e.preempts ? GAP : 0);
  }

  markWidth() {
    return Math.min(this.columns ? 640 : this.width - this.labelX(0) - 6, this.width - this.gutter - 12);
  }

  x(thread) {
    return this.lefts[thread] + 16;
  }

  labelX(thread) {
    return this.columns ? this.x(thread) + 14 : this.x(this.model.threads.length - 1) + 16;
  }

  // Height of an event's symbol.
  y(index) {
    const row = this.model.rowOf[index], r = this.model.rows[row];
    if (r.type === 'fold') return this.tops[row] + FOLD / 2;
    return this.tops[row] + 14 + (this.model.events[index].preempts ? GAP : 0);
  }

  rowAt(y) {
    let low = 0, high = this.model.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.tops[middle + 1] < y) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  request() {
    if (!this.pending) {
      this.pending = requestAnimationFrame(() => {
        this.pending = 0;
        this.draw();
      });
    }
  }

  drawHeads() {
    this.heads.replaceChildren(...this.model.threads.map((name, t) => {
      const head = document.createElement('span');
      head.className = 'head';
      head.style.setProperty('--c', colour(t));
      if (this.columns) {
        head.style.left = this.x(t) - 9 + 'px';
        head.style.width = this.lanes[t] - 14 + 'px';
      } else {
        head.classList.add('flow');
      }
      head.textContent = name;
      return head;
    }));
    this.heads.classList.toggle('columns', this.columns);
  }

  hover(index) {
    this.hovered = index;
    this.back.replaceChildren(...this.drawBack(this.from, this.to));
    this.arrowLayer.replaceChildren(...this.drawArrows(this.from, this.to));
  }

  draw() {
    const m = this.model, top = this.scroller.scrollTop - this.heads.offsetHeight, bottom = top + this.scroller.clientHeight;
    const first = Math.max(0, this.rowAt(top) - OVERSCAN), last = Math.min(m.rows.length - 1, this.rowAt(bottom) + OVERSCAN);
    const from = this.tops[first], to = this.tops[last + 1];
    [this.from, this.to] = [from, to];
    this.hover(this.hovered);
    const rows = [];
    for (let i = first; i <= last; i++) rows.push(this.drawRow(m.rows[i], i));
    this.rowLayer.replaceChildren(...rows);
    if (this.onDraw) this.onDraw(this.scroller.scrollTop / this.total, Math.min(1, this.scroller.clientHeight / this.total));
  }

  drawBack(from, to) {
    const m = this.model, nodes = [];
    const band = (index, cls) => {
      const row = m.rowOf[index], gap = m.rows[row].type === 'event' && m.events[index].preempts ? GAP : 0;
      nodes.push(svg('rect', { x: 0, y: this.tops[row] + gap, width: this.width, height: this.tops[row + 1] - this.tops[row] - gap, class: 'band ' + cls }));
    };
    if (this.selected >= 0 && this.selected < m.events.length) band(this.selected, 'selected');
    if (this.hovered >= 0) band(this.hovered, 'hovered');
    const clip = y => Math.max(from, Math.min(to, y));
    const ends = m.threads.map(() => [Infinity, -Infinity]);
    for (const run of m.runs) {
      const end = ends[run.thread];
      end[0] = Math.min(end[0], run.from);
      end[1] = Math.max(end[1], run.to);
    }
    ends.forEach(([begin, end], t) => {
      if (end < 0) return;
      const y1 = clip(this.y(begin)), y2 = clip(this.y(end));
      if (y2 > y1) nodes.push(svg('line', { x1: this.x(t), x2: this.x(t), y1, y2, class: 'life', stroke: colour(t) }));
    });
    for (const e of this.waits) {
      const y1 = clip(this.y(e.waited)), y2 = clip(this.y(e.index));
      if (y2 > y1) nodes.push(svg('line', { x1: this.x(e.thread), x2: this.x(e.thread), y1, y2, class: 'wait', stroke: colour(e.thread) }));
    }
    m.runs.forEach((run, i) => {
      const y1 = this.y(run.from), y2 = this.y(run.to), next = m.runs[i + 1];
      if (y2 < from - 200 || y1 > to + 200) return;
      const bar = this.columns ? 8 : Math.min(8, this.pitch - 1);
      nodes.push(svg('rect', { x: this.x(run.thread) - bar / 2, y: y1 - 7, width: bar, height: y2 - y1 + 14, rx: bar / 2, class: 'run', fill: colour(run.thread) }));
      if (next) {
        const x1 = this.x(run.thread), x2 = this.x(next.thread), yb = this.y(next.from) - 14;
        nodes.push(svg('path', { d: `M${x1} ${y2 + 6}V${yb}H${x2}V${yb + 8}`, class: run.preempted ? 'baton cut' : 'baton' }));
      }
    });
    return nodes;
  }

  drawArrows(from, to) {
    const m = this.model, focus = this.hovered >= 0 ? this.hovered : this.selected, nodes = [];
    const own = focus >= 0 ? new Set([...m.events[focus].into, ...m.events[focus].outOf]) : new Set();
    const faint = own.size > 0 && [...own].some(e => m.events[e.from].thread !== m.events[e.to].thread);
    for (const edge of m.arrows) if (!own.has(edge)) this.arrow(edge, from, to, faint ? ' faint' : '', nodes);
    for (const edge of own) this.arrow(edge, from, to, ' strong', nodes);
    return nodes;
  }

  arrow(edge, from, to, extra, nodes) {
    const m = this.model, y1 = this.y(edge.from), y2 = this.y(edge.to);
    if (y2 < from - 60 || y1 > to + 60 || m.rowOf[edge.from] === m.rowOf[edge.to]) return;
    const a = m.events[edge.from].thread, b = m.events[edge.to].thread;
    const x1 = this.x(a), x2 = this.x(b), kind = edge.kind;
    const away = Math.min(this.columns ? 15 : 9, this.pitch / 2) * (kind === 'ReadsFrom' ? 0.62 : kind === 'HandOver' || kind === 'Wake' ? 0.8 : 1);
    const channel = x2 - away;
    let d;
    if (a === b) d = `M${x1 - 5} ${y1}H${channel}V${y2}H${x2 - 6}`;
    else {
      const yb = Math.min(y1 + (m.events[edge.from].line > 0 ? 22 : 12), y2 - 9), r = Math.max(0, Math.min(5, (yb - y1 - 6)));
      const turn = x1 < channel ? 1 : -1;
      d = `M${x1} ${y1 + 6}V${yb - r}Q${x1} ${yb} ${x1 + turn * r} ${yb}H${channel - turn * r}Q${channel} ${yb} ${channel} ${Math.min(yb + r, y2)}V${y2 - 3}Q${channel} ${y2} ${channel + 3} ${y2}H${x2 - 8}`;
    }
    nodes.push(svg('path', { d, class: 'arrow ' + kind + extra }));
    nodes.push(svg('path', { d: `M${x2 - 10} ${y2 - 4}L${x2 - 3.5} ${y2}L${x2 - 10} ${y2 + 4}z`, class: 'tip ' + kind + extra }));
  }

  drawRow(row, index) {
    const top = this.tops[index], height = this.tops[index + 1] - top;
    const g = svg('g', { class: 'row ' + row.type });
    if (row.type === 'event') this.drawEvent(g, this.model.events[row.event], top, height);
    else if (row.type === 'fold') this.drawFold(g, row, top);
    else this.drawMark(g, row, top, height);
    return g;
  }

  drawEvent(g, e, top, height) {
    const m = this.model, gap = e.preempts ? GAP : 0, y = top + gap + 14, x = this.x(e.thread), lx = this.labelX(e.thread), c = colour(e.thread);
    const room = (this.columns ? this.x(e.thread) + this.lanes[e.thread] - 20 : this.width - 6) - lx;
    g.append(svg('rect', { x: 0, y: top + gap, width: this.width, height: height - gap, class: 'hit' }));
    if (e.preempts) {
      const stopped = m.events[e.index - 1].thread;
      g.append(svg('text', { x: this.labelX(stopped), y: top + 11, class: 'cutText' }, cut('⚡ ' + m.threads[stopped] + ' is preempted', Math.floor((this.columns ? this.lanes[stopped] - 36 : room) / SMALL))));
    }
    g.append(svg('text', { x: this.gutter - 8, y: y + 4, class: 'number' }, String(e.index + 1)), this.symbol(e, x, y));
    const label = svg('text', { x: lx, y: y + 4, class: 'label' });
    const who = this.columns ? '' : m.threads[e.thread].slice(0, 16) + ' ';
    if (who) label.append(svg('tspan', { class: 'who', fill: c }, who));
    const words = cut(e.label, Math.floor(room / CHAR) - who.length);
    const name = e.object >= 0 ? m.objects[e.object].name : null, at = name ? words.indexOf(name) : -1;
    if (at >= 0) {
      label.append(svg('tspan', {}, words.slice(0, at)), svg('tspan', { class: 'name' }, name), svg('tspan', { class: 'value' }, words.slice(at + name.length)));
    } else label.append(words);
    g.append(label);
    const place = m.place(e), code = m.code(e.file, e.line), places = Math.floor(room / SMALL);
    const under = svg('text', { x: lx, y: y + 19, class: 'under' }, svg('tspan', { class: 'place' }, cut(place, places)));
    if (places - place.length > 8) under.append(svg('tspan', { class: 'code' }, '  ' + cut(code, places - place.length - 2)));
    g.append(under);
    g.addEventListener('click', () => this.onPick(e.index));
    g.addEventListener('mouseenter', () => this.onHover(e.index));
    g.addEventListener('mouseleave', () => this.onHover(-1));
  }

  symbol(e, x, y) {
    const c = colour(e.thread), r = this.columns ? 5.5 : Math.min(5.5, Math.max(2, this.pitch / 2 - 1));
    switch (e.cls) {
      case 'read': return svg('circle', { cx: x, cy: y, r, class: 'node', stroke: c });
      case 'write': return svg('circle', { cx: x, cy: y, r, class: 'node solid', stroke: c, fill: c });
      case 'update': return svg('path', { d: `M${x} ${y - r - 1}L${x + r + 1} ${y}L${x} ${y + r + 1}L${x - r - 1} ${y}z`, class: 'node solid', stroke: c, fill: c });
      case 'lock': return svg('rect', { x: x - r, y: y - r, width: 2 * r, height: 2 * r, rx: 1.5, class: 'node' + (e.kind === 'LockRelease' ? '' : ' solid'), stroke: c, fill: c });
      case 'thread': return svg('path', { d: `M${x - r + 1} ${y - r}L${x + r + 1} ${y}L${x - r + 1} ${y + r}z`, class: 'node solid', stroke: c, fill: c });
      default: return svg('circle', { cx: x, cy: y, r: r - 2, class: 'node solid', stroke: c, fill: c });
    }
  }

  drawFold(g, row, top) {
    const y = top + FOLD / 2, lx = this.labelX(row.thread);
    const words = '⋯ ' + row.count + ' more events';
    g.append(svg('rect', { x: 0, y: top, width: this.width, height: FOLD, class: 'hit' }));
    g.append(svg('rect', { x: lx - 5, y: y - 10, width: words.length * SMALL + 12, height: 20, rx: 10, class: 'pill' }));
    g.append(svg('text', { x: lx + 1, y: y + 4, class: 'foldText' }, words));
    g.addEventListener('click', () => this.onToggle(row.from));
  }

  drawMark(g, row, top, height) {
    const w = this.markWidth(row), lx = this.columns ? Math.min(this.x(row.thread) - 12, this.width - w - 8) : this.labelX(0) - 6;
    g.append(svg('rect', { x: lx, y: top + 4, width: w, height: height - 10, rx: 6, class: 'box ' + row.mark.kind }));
    g.append(svg('text', { x: lx + 12, y: top + 4 + LINE + 3, class: 'markSign' }, { Blocked: '⏸', Cause: '⇒' }[row.mark.kind] || '✗'));
    row.lines.forEach((line, i) => g.append(svg('text', { x: lx + 32, y: top + 4 + LINE + 2 + i * LINE, class: 'markText' }, line)));
    g.addEventListener('click', () => this.onPick(Math.max(0, row.mark.event), row.mark));
    g.addEventListener('mouseenter', () => this.onHover(Math.max(0, row.mark.event), row.mark));
    g.addEventListener('mouseleave', () => this.onHover(-1));
  }

  reveal(index, where = 0.45) {
    const y = this.y(index), view = this.scroller.clientHeight;
    if (y < this.scroller.scrollTop + 60 || y > this.scroller.scrollTop + view - 110) this.scroller.scrollTop = Math.max(0, y - view * where);
    this.draw();
  }
}
