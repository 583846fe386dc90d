/**
 * The rules of the Trace Event Format's JSON object form, checked event by event as the text comes: what each phase must have,
 * times that are numbers of microseconds, slices of a track either apart or nested; and, stricter than
 * the format, times of a track and of a counter that never go back.
 * Source: Google, Trace Event Format, 2016; complete (X), counter (C) and metadata (M) events.
 */
const NAMES: ReadonlySet<unknown> = new Set([
  'process_name',
  'process_labels',
  'process_sort_index',
  'thread_name',
  'thread_sort_index',
]);
const MOST_FAULTS = 100;
/** Whole nanoseconds, so that ends meet beginnings exactly. */
const NANOSECONDS = 1000;

interface TraceEvent {
  readonly [field: string]: unknown;
}

export interface TraceCounts {
  readonly slices: number;
  readonly counters: number;
  readonly metadata: number;
  readonly tracks: number;
}

/** Takes a trace whose events stand one a line, in pieces of any length. */
export class TraceCheck {
  readonly faults: string[] = [];
  #rest = '';
  #head = '';
  #tail = '';
  #line = 0;
  #expected: number | null = null;
  readonly #counts = { X: 0, C: 0, M: 0 };
  /** Ends of the slices that are open at the latest beginning, by track, in nanoseconds. */
  readonly #open = new Map<string, number[]>();
  readonly #latest = new Map<string, number>();
  readonly #named = new Set<string>();

  piece(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
  }

  expectSlices(count: number): void {
    this.#expected = count;
  }

  end(): TraceCounts {
    if (this.#rest !== '') this.#take(this.#rest);
    this.#object();
    for (const track of this.#open.keys()) if (!this.#named.has(track)) this.#fault(`track ${track} has no name`);
    const { X: slices, C: counters, M: metadata } = this.#counts;
    if (this.#expected !== null && slices !== this.#expected)
      this.#fault(`${slices} slices where ${this.#expected} were expected`);
    return { slices, counters, metadata, tracks: this.#open.size };
  }

  #fault(what: string): void {
    if (this.faults.length < MOST_FAULTS) this.faults.push(`line ${this.#line}: ${what}`);
  }

  #take(line: string): void {
    this.#line++;
    if (this.#line === 1) this.#head = line;
    else if (this.#tail !== '' || line.startsWith(']')) this.#tail += `${line}\n`;
    else this.#event(line.endsWith(',') ? line.slice(0, -1) : line);
  }

  /** What stands around the events is an object whose `traceEvents` is their array. */
  #object(): void {
    try {
      const around: unknown = JSON.parse(`${this.#head}${this.#tail}`);
      const isObject = typeof around === 'object' && around !== null && 'traceEvents' in around;
      if (!isObject || !Array.isArray(around.traceEvents)) this.#fault('there is no array traceEvents');
      else if ('displayTimeUnit' in around && around.displayTimeUnit !== 'ms' && around.displayTimeUnit !== 'ns')
        this.#fault('displayTimeUnit is neither ms nor ns');
    } catch {
      this.#fault('what is around the events is no JSON object');
    }
  }

  #event(text: string): void {
    let event: TraceEvent;
    try {
      event = JSON.parse(text);
    } catch {
      this.#fault(`no JSON: ${text.slice(0, 80)}`);
      return;
    }
    const { ph, pid, tid, name, args } = event;
    if (!Number.isSafeInteger(pid) || !Number.isSafeInteger(tid)) this.#fault('pid and tid are whole numbers');
    if (typeof name !== 'string') this.#fault('a name is a text');
    if (typeof args !== 'object' || args === null) this.#fault('args is an object');
    const track = `${pid}/${tid}`;
    if (ph === 'X') this.#slice(event, track);
    else if (ph === 'C') this.#counter(event, `${pid}/${name}`);
    else if (ph === 'M') {
      this.#counts.M++;
      if (!NAMES.has(name)) this.#fault(`no metadata is called ${String(name)}`);
      if (name === 'thread_name') this.#named.add(track);
    } else this.#fault(`unknown phase ${String(ph)}`);
  }

  #time(value: unknown, what: string): number {
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return Math.round(value * NANOSECONDS);
    this.#fault(`${what} is a number of microseconds`);
    return 0;
  }

  #slice({ ts, dur }: TraceEvent, track: string): void {
    this.#counts.X++;
    const begins = this.#time(ts, 'ts');
    const ends = begins + this.#time(dur, 'dur');
    if (begins < (this.#latest.get(track) ?? 0)) this.#fault(`track ${track} goes back in time`);
    this.#latest.set(track, begins);
    const open = this.#open.get(track) ?? [];
    while (open.length > 0 && open.at(-1)! <= begins) open.pop();
    if (open.length > 0 && open.at(-1)! < ends) this.#fault(`slices of track ${track} overlap without being nested`);
    open.push(ends);
    this.#open.set(track, open);
  }

  #counter({ ts, args }: TraceEvent, counter: string): void {
    this.#counts.C++;
    const at = this.#time(ts, 'ts');
    if (at < (this.#latest.get(counter) ?? 0)) this.#fault(`counter ${counter} goes back in time`);
    this.#latest.set(counter, at);
    const values = Object.values(args ?? {});
    if (values.length === 0 || !values.every((value) => typeof value === 'number' && Number.isFinite(value)))
      this.#fault(`counter ${counter} has a value that is no number`);
  }
}
