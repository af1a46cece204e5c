// One scenario: what was changed, and what the service says of it. The address holds all of it.
import { post, Problem } from '../lib/api';
import made from '../made/years.json';
import { go, last, worded } from '../lib/route.svelte';
import { reader, w } from '../lib/words.svelte';
import type { Fan, Instrument, Points, Seen, Start, Why } from './types';

interface Asked { points: Points; prices: Record<string, number>; target: { year: number; share: number } | null }
const nothing = (): Asked => ({ points: {}, prices: {}, target: null });
export const KINDS = ['mandatory', 'incentive', 'guidance', 'supporting'] as const;
export const FACTORS = [0.5, 3] as const;

class Lab {
  place = $state('guangdong');
  until = $state(made.until);
  market = $state('vehicles');
  by = $state(made.midway);
  asked: Asked = $state.raw(nothing());
  /** The place as it is; every answer below is of it, and goes when it does. */
  start: Start | undefined = $state.raw();
  seen: Seen | undefined = $state.raw();
  fan: Fan | undefined = $state.raw();
  why: Why | undefined = $state.raw();
  /** What the fan and the parts were asked for: older than `asked` while a slider moves. */
  known: Asked | undefined = $state.raw();
  pinned: Seen | undefined = $state.raw();
  problem: Problem | undefined = $state.raw();
  /** What an address asked for that cannot be. */
  left: string[] = $state.raw([]);
  past: Asked[] = $state.raw([]);
  future: Asked[] = $state.raw([]);
  #waiting = false;
  #busy = false;
  #settle: ReturnType<typeof setTimeout> | undefined;
  #grip = false;
  #opened = '';
  #read = '';

  readonly of = $derived(this.start?.markets.find((one) => one.id === this.market));
  readonly changed = $derived(this.start?.instruments.filter((one) => this.asked.points[one.id]) ?? []);
  readonly reached = $derived(new Set(this.changed.flatMap((one) => one.markets)));
  /** Whether bands and parts are of what is asked now. */
  readonly fresh = $derived(this.known === this.asked && this.fan !== undefined);

  /** The state that an address holds; nothing where it is the one that is shown. */
  read(path: string, query: string): void {
    if (path + query === this.#read) return;
    this.#read = path + query;
    const words = new URLSearchParams(query), named = path.split('/')[2];
    this.place = (named && plain(named)) || 'guangdong';
    this.until = Number(words.get('until')) || made.until;
    this.market = words.get('m') ?? this.market;
    const points: Points = {}, prices: Record<string, number> = {};
    for (const one of words.get('x')?.split(',') ?? []) {
      const [name, ...rest] = one.split('~');
      if (name && rest.length > 1) points[name] = Object.fromEntries(rest.flatMap((_, n) => (n % 2 ? [] : [[rest[n]!, Number(rest[n + 1])]])));
    }
    for (const one of words.get('p')?.split(',') ?? []) {
      const [name, value] = one.split('~');
      if (name) prices[name] = Number(value);
    }
    const [year, share] = (words.get('t') ?? '').split('~').map(Number);
    this.asked = { points, prices, target: year && share ? { year, share } : null };
    void this.open();
  }

  get address(): string {
    const { points, prices, target } = this.asked, words = new URLSearchParams({ m: this.market });
    if (this.until !== made.until) words.set('until', String(this.until));
    const x = Object.entries(points).map(([name, years]) => [name, ...Object.entries(years).flat()].join('~')).join(',');
    const p = Object.entries(prices).map((one) => one.join('~')).join(',');
    if (x) words.set('x', x);
    if (p) words.set('p', p);
    if (target) words.set('t', `${target.year}~${target.share}`);
    return `/lab/${encodeURIComponent(this.place)}?${worded(words)}`;
  }

  get price(): string[] {
    return Object.entries(this.asked.prices).map(([name, times]) => `${name}=x${times}@${made.decide}:${this.until}`);
  }

  #show(push = false): void {
    this.#read = this.address;
    last.address = this.address;
    go(this.address, !push);
  }

  /** Another place or horizon: a step back in the browser returns to this one. */
  move(to: { place?: string; until?: number }): void {
    Object.assign(this, to);
    this.#show(true);
    void this.open();
  }

  /** The place as it is; again only where place, horizon or prices are others. */
  async open(): Promise<void> {
    const prices = Object.entries(this.asked.prices).filter(([, times]) => times >= 0.1 && times <= 10);
    if (prices.length < Object.keys(this.asked.prices).length) this.asked = { ...this.asked, prices: Object.fromEntries(prices) };
    const what = JSON.stringify([this.place, this.until, this.asked.prices]);
    if (what === this.#opened && this.start) return void this.#begin(this.start);
    this.#opened = what;
    this.start = this.seen = this.fan = this.why = this.known = this.pinned = this.problem = undefined;
    try {
      const start = await post<Start>(`/v1/lab/${encodeURIComponent(this.place)}/start`, { until: this.until, price: this.price });
      if (what !== this.#opened) return;
      this.seen = start.base;
      this.start = start;
      this.#begin(start);
      this.#opened = JSON.stringify([this.place, this.until, this.asked.prices]);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (what === this.#opened) { this.problem = error; this.#opened = ''; }
    }
  }

  #begin(start: Start): void {
    this.#mend(start);
    this.#show();
    this.ask();
  }

  /** Leave out, and name, what an address asks for that this place, horizon or instrument does not have. */
  #mend(start: Start): void {
    const left: string[] = [], points: Points = {}, years = start.years, last = years.at(-1)!;
    for (const [name, given] of Object.entries(this.asked.points)) {
      const one = start.instruments.find((known) => known.id === name);
      const good = Object.entries(given).filter(([year, value]) => Number(year) >= start.decide && Number(year) <= last && one && value >= one.bounds[0] && value <= one.bounds[1]);
      if (good.length) points[name] = Object.fromEntries(good);
      if (good.length < Object.keys(given).length || !one) left.push(one ? one.label[reader.lang] : name);
    }
    const prices: Record<string, number> = {};
    for (const [name, times] of Object.entries(this.asked.prices)) {
      const one = start.carriers.find((known) => [known.id, known.label.zh, known.label.en].includes(name));
      if (one) prices[one.id] = times;
    }
    const target = this.asked.target, good = target && target.share > 0 && target.share <= 1 && target.year >= start.decide && target.year <= last;
    if (target && !good) left.push(w('web.target'));
    this.place = start.place.slug;
    if (!start.markets.some((one) => one.id === this.market)) this.market = start.markets[0]!.id;
    this.by = Math.min(Math.max(this.by, start.decide + 1), last);
    this.left = left;
    this.asked = { points, prices, target: good ? target : null };
  }

  /** One question in flight, the newest next: aborting on every event would starve the charts. */
  ask(): void {
    this.#waiting = true;
    if (!this.#busy) void this.#pump();
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => void this.#deepen(), 120);
  }

  async #pump(): Promise<void> {
    this.#busy = true;
    while (this.#waiting) {
      this.#waiting = false;
      await this.#try(async (start) => {
        const seen = await post<Seen>(this.#path('run'), this.#body());
        if (this.start === start) this.seen = seen;
      });
    }
    this.#busy = false;
  }

  /** What takes longer: the members, and the part of each instrument. */
  async #deepen(): Promise<void> {
    const { asked, market } = this;
    await this.#try(async (start) => {
      const few = this.changed.filter((one) => one.markets.includes(market)).length <= start.most;
      const fan = post<Fan>(this.#path('fan'), { ...this.#body(), market });
      const why = few ? post<{ parts: Why }>(this.#path('why'), { ...this.#body(), market }) : Promise.resolve(undefined);
      const found = await Promise.all([fan, why]);
      if (this.start !== start || asked !== this.asked || market !== this.market) return;
      [this.fan, this.why, this.known] = [found[0], found[1]?.parts, asked];
    });
  }

  async #try(act: (start: Start) => Promise<void>): Promise<void> {
    const start = this.start;
    if (!start) return;
    try {
      await act(start);
      if (this.start === start) this.problem = undefined;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (this.start === start) this.problem = error;
    }
  }

  #path = (what: string) => `/v1/lab/${encodeURIComponent(this.place)}/${what}`;
  #body = () => ({ until: this.until, price: this.price, points: this.asked.points });

  /** Change something. While a slider is held, all its moves are one step of undo. */
  set(change: Partial<Asked>, held = false): void {
    if (!this.#grip) {
      this.past = [...this.past, this.asked];
      this.future = [];
    }
    this.#grip = held;
    this.asked = { ...this.asked, ...change };
    this.left = [];
    this.#show();
    if (change.prices) void this.open();
    else this.ask();
  }

  /** The held slider is let go: what takes longer is asked for at once. */
  rest(): void {
    this.#grip = false;
    clearTimeout(this.#settle);
    void this.#deepen();
  }

  put(one: Instrument, years: Record<string, number> | null, held = false): void {
    const points = { ...this.asked.points };
    if (years && Object.keys(years).length) points[one.id] = years;
    else delete points[one.id];
    this.set({ points }, held);
  }

  undo(): void { this.#swap('past', 'future'); }
  redo(): void { this.#swap('future', 'past'); }
  #swap(from: 'past' | 'future', to: 'past' | 'future'): void {
    const back = this[from].at(-1);
    if (!back) return;
    this[to] = [...this[to], this.asked];
    this[from] = this[from].slice(0, -1);
    this.asked = back;
    void this.open();
  }

  look(market: string): void {
    this.market = market;
    this.fan = this.why = this.known = undefined;
    this.#show();
    this.ask();
  }

  /** Strength of an instrument in every year: as it is, and as it is asked for. */
  strength(one: Instrument): { now: number[]; asked: number[] } {
    const years = this.start!.years, decide = this.start!.decide, given = this.asked.points[one.id];
    if (!given) return { now: one.now, asked: one.now };
    const before = years.indexOf(decide - 1);
    const known: [number, number][] = [[decide - 1, one.now[before]!], ...Object.entries(given).map(([year, value]) => [Number(year), value] as [number, number]).sort((a, b) => a[0] - b[0])];
    return { now: one.now, asked: years.map((year, n) => {
      if (year < decide) return one.now[n]!;
      const after = known.findIndex(([at]) => at >= year);
      if (after < 0) return known.at(-1)![1];
      const [at, value] = known[after]!, [from, was] = known[Math.max(0, after - 1)]!;
      return at === from ? value : was + ((value - was) * (year - from)) / (at - from);
    }) };
  }

  /** What was changed, as a plan takes what is decided already: strength by span of years. */
  get decided(): string[] {
    const { years, decide } = this.start!;
    return this.changed.flatMap((one) => {
      const spans: { from: number; to: number; value: number }[] = [];
      this.strength(one).asked.forEach((value, n) => {
        const year = years[n]!, rounded = Math.round(value * 1e4) / 1e4, before = spans.at(-1);
        if (year < decide) return;
        if (before?.value === rounded) before.to = year;
        else spans.push({ from: year, to: year, value: rounded });
      });
      return spans.map(({ from, to, value }) => `${one.id}=${value}@${from}:${to}`);
    });
  }

  /** A change of all sound markets, summed over the decided years (or in the last one). */
  total(what: 'life_cycle_emissions' | 'public_money' | 'other_money' | 'jobs', last = false): number {
    const { start, seen } = this;
    if (!start || !seen) return 0;
    const from = start.years.indexOf(start.decide);
    return start.markets.filter((one) => one.data !== 'thin').reduce((sum, one) => {
      const now = seen[one.id]![what], base = start.base[one.id]![what];
      const more = now.map((value, n) => (value ?? 0) - (base[n] ?? 0));
      return sum + (last ? more.at(-1)! : more.slice(from).reduce((a, b) => a + b, 0));
    }, 0);
  }

  /** Part of the members that meet the target, as far as they are known. */
  get chance(): number | null {
    const { target } = this.asked, column = target && this.start ? this.start.years.indexOf(target.year) : -1;
    if (!target || !this.fan || !this.fresh || column < 0) return null;
    return this.fan.green_share.filter((one) => one[column]! >= target.share).length / this.fan.green_share.length;
  }
}

/** Points without that of a year. */
export const without = (points: Record<string, number>, year: number): Record<string, number> =>
  Object.fromEntries(Object.entries(points).filter(([at]) => Number(at) !== year));

/** A part of an address as it was meant; as it stands where it cannot be read. */
function plain(part: string): string {
  try { return decodeURIComponent(part); } catch { return part; }
}

/** The one scenario of this window: it outlives a look at another page. */
export const lab = new Lab();
