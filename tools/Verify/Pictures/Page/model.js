'use strict';
// The data of the page, unpacked: one Model a trace, and what follows from its events.

const data = JSON.parse(document.getElementById('data').textContent);
const text = i => i < 0 ? null : data.strings[i];
const shortFile = path => path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);

class Model {
  constructor(trace) {
    this.name = trace.name;
    this.message = trace.message;
    this.preemptions = trace.preemptions;
    this.threads = trace.threads;
    this.objects = trace.objects.map(([kind, name]) => ({ kind, name, events: [] }));
    this.stacks = trace.stacks.map(flat => {
      const frames = [];
      for (let i = 0; i < flat.length; i += 3) {
        frames.push({ method: text(flat[i]), file: flat[i + 1], line: flat[i + 2] });
      }
      return frames;
    });
    this.events = trace.events.map((e, index) => ({
      index, thread: e[0], cls: text(e[1]), label: text(e[2]), object: e[3], before: text(e[4]), value: text(e[5]), stack: e[6],
      waited: e[7], preempts: e[8] === 1, folded: e[9], operation: text(e[10]), method: text(e[11]), file: e[12], line: e[13],
      kind: text(e[14]), into: [], outOf: [],
    }));
    this.edges = trace.edges.map(([from, to, kind, implied]) => ({ from, to, kind, implied: implied === 1 }));
    for (const edge of this.edges) {
      this.events[edge.to].into.push(edge);
      this.events[edge.from].outOf.push(edge);
    }
    // What is drawn: between threads, and not said by other arrows already.
    this.arrows = this.edges.filter(e => !e.implied && this.events[e.from].thread !== this.events[e.to].thread);
    for (const e of this.events) {
      if (e.object >= 0) this.objects[e.object].events.push(e.index);
    }
    this.marks = trace.marks.map(([kind, thread, event, words, stack]) => ({ kind, thread, event, words, stack }));
    this.runs = Model.runs(this.events);
    this.switches = Math.max(0, this.runs.length - 1);
    this.folds = new Map(); // first event of a foldable stretch -> its length
    this.events.forEach(e => { if (e.folded > 0) this.folds.set(e.index, e.folded); });
    this.open = new Set(); // stretches that are unfolded
    this.layOut();
  }

  static runs(events) {
    const runs = [];
    for (const e of events) {
      const last = runs[runs.length - 1];
      if (last && last.thread === e.thread) last.to = e.index;
      else runs.push({ thread: e.thread, from: e.index, to: e.index, preempted: false });
      if (e.preempts && runs.length > 1) runs[runs.length - 2].preempted = true;
    }
    return runs;
  }

  // Rows from top to bottom: an event, a folded stretch, or a mark.
  layOut() {
    this.rows = [];
    this.rowOf = new Int32Array(this.events.length); // of an event, or of the stretch that hides it
    const marksAfter = new Map();
    for (const mark of this.marks) {
      marksAfter.set(mark.event, [...(marksAfter.get(mark.event) || []), mark]);
    }
    const addMarks = index => (marksAfter.get(index) || []).forEach(mark => this.rows.push({ type: 'mark', mark, thread: mark.thread }));
    addMarks(-1);
    for (let i = 0; i < this.events.length;) {
      const length = this.folds.get(i);
      if (length && !this.open.has(i)) {
        for (let k = 0; k < length; k++) this.rowOf[i + k] = this.rows.length;
        this.rows.push({ type: 'fold', from: i, count: length, thread: this.events[i].thread });
        i += length;
      } else {
        this.rowOf[i] = this.rows.length;
        this.rows.push({ type: 'event', event: i, thread: this.events[i].thread });
        addMarks(i);
        i++;
      }
    }
  }

  // The stretch an event belongs to, folded or not; -1 for none.
  stretchOf(index) {
    for (const [from, count] of this.folds) {
      if (index >= from && index < from + count) return from;
    }
    return -1;
  }

  failure() {
    const mark = this.marks.find(m => m.kind === 'Failure') || this.marks[this.marks.length - 1];
    return mark ? Math.max(0, mark.event) : this.events.length - 1;
  }

  code(file, line) {
    const lines = data.sources[file];
    return (lines && lines[line] || '').trim();
  }

  place(e) {
    return e.line > 0 ? shortFile(text(e.file)) + ':' + e.line : '';
  }

  // Who holds a lock after an event, and who waits for it then.
  lockAt(object, index) {
    let owner = -1;
    const waiting = [];
    for (const i of this.objects[object].events) {
      const e = this.events[i];
      if (i > index) {
        if (e.waited >= 0 && e.waited < index && !waiting.includes(e.thread)) waiting.push(e.thread);
        continue;
      }
      if (e.kind === 'LockAcquire' || (e.kind === 'LockTry' && owner < 0)) owner = e.thread;
      else if (e.kind === 'LockRelease' || e.kind === 'MonitorWait') owner = -1;
    }
    for (const mark of this.marks) {
      if (mark.kind === 'Blocked' && mark.event < index && mark.words.includes(this.objects[object].name) && !waiting.includes(mark.thread)) waiting.push(mark.thread);
    }
    return { owner, waiting };
  }
}

const edgeWords = {
  Start: ['started by', 'starts'], Join: ['after the end of', 'joined by'], ReadsFrom: ['reads what was written by', 'read by'],
  HandOver: ['lock handed over by', 'hands the lock over to'], Wake: ['woken by', 'wakes'], Order: ['after', 'before'],
};
